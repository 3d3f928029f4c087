package dev.preceptor.base;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Refuses paths that do not lead to stored bytes. Opening a named pipe blocks until another process writes to it, a
 * device may never end, and neither can be read twice. Stateless, thread-safe.
 */
public final class RegularFile {
    private RegularFile() {}

    /**
     * Refuses a named pipe, socket or device without opening it. Links are followed. Folders and paths that do not
     * exist pass, because the code that opens them reports a better error.
     *
     * @throws InvalidFileException naming the path
     */
    public static void require(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
            throw new InvalidFileException(
                    file, "is a FIFO, socket or device, not a file; store its content in a file and give that");
        }
    }
}
