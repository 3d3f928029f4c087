package dev.preceptor;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of real patients and golden values that stands beside the project. */
public final class Shared {
    private Shared() {}

    /** A file or folder below it; the calling test is skipped, and says so, where the folder is missing. */
    public static Path file(String relative) {
        Path path =
                Path.of(System.getProperty("preceptor.shared", "../../shared")).resolve(relative);
        assumeTrue(Files.exists(path), "skipped: " + path + " is not here");
        return path;
    }
}
