package dev.preceptor.base;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The check that a path leads to stored bytes. Opening a FIFO waits for somebody to write, a device may never end, and neither
 * can be read twice.
 */
public final class RegularFile {
    private RegularFile() {}

    /**
     * Refuses a FIFO, socket or device, before it is opened. Links are followed; a path to nothing passes, for whoever opens
     * it says so.
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
