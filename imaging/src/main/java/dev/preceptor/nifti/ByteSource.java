package dev.preceptor.nifti;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads the bytes of a file in order, decompressed if it is a gzip file. Errors are {@link InvalidFileException}s that
 * name the file. Not thread-safe.
 */
sealed interface ByteSource extends AutoCloseable permits PlainSource, GzipSource {
    /** Opens a file. A gzip file is recognised by its first two bytes, not by its name. */
    static ByteSource open(Path file) {
        if (Files.isDirectory(file)) {
            throw new InvalidFileException(file, "is a folder, not a file");
        }
        RegularFile.require(file);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            ByteBuffer magic = ByteBuffer.allocate(2);
            channel.read(magic, 0);
            boolean gzip = magic.position() == 2 && magic.getShort(0) == 0x1f8b;
            ByteSource source = gzip ? new GzipSource(file, channel) : new PlainSource(file, channel);
            channel = null;
            return source;
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        } finally {
            closeQuietly(channel);
        }
    }

    /**
     * Reads the next {@code length} bytes into {@code into}, starting at index {@code at}.
     *
     * @return the number of bytes read, less than {@code length} only at the end of the file
     */
    int read(byte[] into, int at, int length);

    /**
     * The largest number of bytes that this file can contain: exact for a plain file, the file size times the largest
     * ratio of deflate for a gzip file.
     */
    long capacity();

    /**
     * Whether the file contains at least this many bytes; none of them is kept in memory.
     *
     * @throws InvalidFileException if a small file claims so many bytes that it must be a decompression bomb
     */
    boolean holds(long bytes);

    /**
     * Reads what follows the voxels, so that the final checksum is verified. Refuses more than 16 MiB, because a few
     * bytes on disk can decompress to any number.
     */
    void finish();

    @Override
    void close();

    /** Skips bytes; false if the file ends first. */
    default boolean skip(long bytes) {
        byte[] scratch = new byte[(int) Math.min(bytes, 1 << 16)];
        for (long remaining = bytes; remaining > 0; ) {
            int count = (int) Math.min(remaining, scratch.length);
            if (read(scratch, 0, count) < count) {
                return false;
            }
            remaining -= count;
        }
        return true;
    }

    private static void closeQuietly(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // The error that made opening fail is the one to report.
                return;
            }
        }
    }
}
