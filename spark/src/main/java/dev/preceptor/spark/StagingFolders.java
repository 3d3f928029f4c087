package dev.preceptor.spark;

import dev.preceptor.base.TemporaryFolder;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;

/** Folders for what a command on a cluster copies to this machine. Stateless. */
final class StagingFolders {
    private StagingFolders() {}

    /** A folder; on a standalone cluster among those that Spark removes with the application, if the process was killed. */
    static TemporaryFolder folder() {
        String ofApplication = System.getenv().getOrDefault("SPARK_EXECUTOR_DIRS", "");
        return TemporaryFolder.create(
                ofApplication.isBlank()
                        ? Optional.empty()
                        : Optional.of(Path.of(ofApplication.split(File.pathSeparator)[0])),
                "preceptor-spark");
    }
}
