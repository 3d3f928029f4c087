package dev.preceptor;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder of real patients that stands beside the project. Tests that read it are tagged {@code shared}: they are skipped
 * where it is missing, and {@code mvn verify -Pshared} runs them alone and fails where it is missing.
 */
public final class Shared {
    private Shared() {}

    /** A file or folder below it; the calling test is skipped, and says so, where the folder is missing. */
    public static Path file(String relative) {
        // Browsers take canonical paths alone.
        Path path = Path.of(System.getProperty("preceptor.shared", "../../shared"))
                .resolve(relative)
                .toAbsolutePath()
                .normalize();
        String missing = path + ", of patients whom the project may not hold, is not here";
        boolean exists = Files.exists(path);
        assertFalse(Boolean.getBoolean("preceptor.shared.required") && !exists, missing);
        assumeTrue(exists, missing);
        return path;
    }
}
