package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A private folder of this machine for copies of patients' files. It is removed by {@link #close}, and also when a signal ends the
 * process. On a standalone cluster it lies among those that Spark removes with the application, if the process was killed.
 */
final class TemporaryFolder implements AutoCloseable {
    private static final int REMOVALS = 20;

    private final Path path;
    private final Thread remover;

    private TemporaryFolder(Path path) {
        this.path = path;
        this.remover = new Thread(this::removeAtEnd, "remove temporary files");
    }

    /** @throws PreceptorException if there is no place for it, or the process is about to end */
    static TemporaryFolder create() {
        String ofApplication = System.getenv().getOrDefault("SPARK_EXECUTOR_DIRS", "");
        TemporaryFolder folder;
        try {
            // Only the owner can read a temporary folder that the JDK makes.
            folder = new TemporaryFolder(
                    ofApplication.isBlank()
                            ? Files.createTempDirectory("preceptor-spark")
                            : Files.createTempDirectory(
                                    Path.of(ofApplication.split(File.pathSeparator)[0]), "preceptor-spark"));
        } catch (IOException e) {
            throw new PreceptorException("there is no folder for temporary files: " + Reason.of(e), e);
        }
        try {
            Runtime.getRuntime().addShutdownHook(folder.remover);
        } catch (IllegalStateException e) {
            AtomicFiles.deleteFolder(folder.path);
            throw new PreceptorException("interrupted: the process ends", e);
        }
        return folder;
    }

    Path path() {
        return path;
    }

    /** Repeats the removal, for a task may still write while a signal ends the process. */
    private void removeAtEnd() {
        for (int i = 0; i < REMOVALS && !isRemoved(); i++) {
            Thread.onSpinWait();
        }
    }

    private boolean isRemoved() {
        try {
            AtomicFiles.deleteFolder(path);
        } catch (PreceptorException e) {
            return false;
        }
        return !Files.exists(path);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(remover);
        } catch (IllegalStateException e) {
            // The process ends, and the hook removes the folder.
            return;
        }
        AtomicFiles.deleteFolder(path);
    }
}
