package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A tiny cohort that the tests of a class share; also loads libtorch before they start. */
final class TinyCohort implements BeforeAllCallback, AfterAllCallback {
    private final int subjects;
    private Path folder;
    private Path path;

    TinyCohort(int subjects) {
        this.subjects = subjects;
    }

    /** The folder of the cohort. */
    Path path() {
        return path;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        // JUnit calls this for nested classes too.
        if (folder == null) {
            Torch.open();
            folder = Files.createTempDirectory("tiny-cohort");
            path = TinyRuns.cohort(folder.resolve("cohort"), subjects);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getRequiredTestClass().getEnclosingClass() == null) {
            AtomicFiles.deleteFolder(folder);
        }
    }
}
