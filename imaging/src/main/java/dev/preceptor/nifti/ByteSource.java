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
 * The bytes of a file from its start, inflated where it is gzip'd. Errors are {@link InvalidFileException}s that name the
 * file. Not thread-safe.
 */
sealed interface ByteSource extends AutoCloseable permits PlainSource, GzipSource {
    /** Opens a file; gzip is known by its first two bytes, not by the name. */
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

    /** Fills the array from {@code at} on with the next {@code length} bytes; returns fewer only at the end of the file. */
    int read(byte[] into, int at, int length);

    /** The most bytes this file can give: exact for a plain file, deflate's greatest ratio for a gzip'd one. */
    long capacity();

    /**
     * Whether the file surely holds so many bytes, found without keeping any of them.
     *
     * @throws InvalidFileException if so many bytes from so small a file are a decompression bomb
     */
    boolean holds(long bytes);

    /**
     * Reads what follows the voxels, so that a checksum at the end is verified; refuses more than 16 MiB of it, for a few bytes
     * on the disk can inflate to any number.
     */
    void finish();

    @Override
    void close();

    /** Passes over bytes; false if the file ends before. */
    default boolean skip(long bytes) {
        byte[] scratch = new byte[(int) Math.min(bytes, 1 << 16)];
        for (long left = bytes; left > 0; ) {
            int wanted = (int) Math.min(left, scratch.length);
            if (read(scratch, 0, wanted) < wanted) {
                return false;
            }
            left -= wanted;
        }
        return true;
    }

    private static void closeQuietly(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // The error that brought us here is the one to tell.
                return;
            }
        }
    }
}
