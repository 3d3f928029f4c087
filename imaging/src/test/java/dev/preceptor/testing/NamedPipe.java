package dev.preceptor.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/** Named pipes (FIFOs) for tests. */
public final class NamedPipe {
    private NamedPipe() {}

    /**
     * Creates a named pipe with {@code mkfifo}; the calling test is skipped on systems without that program.
     *
     * @param path a path that does not exist
     * @return the path
     */
    public static Path create(Path path) throws InterruptedException {
        boolean created;
        try {
            created = new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            created = false;
        }
        assumeTrue(created, "skipped: there is no mkfifo");
        return path;
    }
}
