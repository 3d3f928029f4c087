package dev.preceptor.tensor;

import dev.preceptor.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A hash of content of any size that several threads can compute together: the SHA-256 of the SHA-256 of each chunk, one after the
 * other. Contents that differ in a byte have different hashes, as with SHA-256 itself.
 *
 * @param size number of bytes of the content
 * @param hash 64 hexadecimal digits
 */
record ChunkedHash(long size, String hash) {
    /** The length of a chunk in bytes; only the last one may be shorter. */
    static final int CHUNK = 16 << 20;

    /** Small enough to stay in the cache of a core between reading and hashing. */
    private static final int BUFFER = 1 << 16;

    /**
     * One chunk of a file.
     *
     * @param start position of its first byte
     */
    record Chunk(Path file, long start) {
        /** The SHA-256 of the bytes from the start to the next chunk or the end of the file. */
        byte[] digest() throws IOException {
            try (FileChannel in = FileChannel.open(file).position(start)) {
                return digestOf((buffer, length) -> in.read(ByteBuffer.wrap(buffer, 0, length)));
            }
        }
    }

    /** The chunks of a file of a number of bytes; at least one. */
    static List<Chunk> chunks(Path file, long size) {
        List<Chunk> chunks = new ArrayList<>();
        for (long start = 0; start == 0 || start < size; start += CHUNK) {
            chunks.add(new Chunk(file, start));
        }
        return chunks;
    }

    /** The hash of content whose chunks have these digests, in their order. */
    static ChunkedHash of(long size, List<byte[]> digests) {
        MessageDigest together = Sha256.digest();
        digests.forEach(together::update);
        return new ChunkedHash(size, HexFormat.of().formatHex(together.digest()));
    }

    /** The hash of all that a stream still has. */
    static ChunkedHash of(InputStream in) throws IOException {
        List<byte[]> digests = new ArrayList<>();
        long[] size = {0};
        long before;
        do {
            before = size[0];
            byte[] digest = digestOf((buffer, length) -> {
                int read = in.read(buffer, 0, length);
                size[0] += Math.max(read, 0);
                return read;
            });
            if (size[0] > before || digests.isEmpty()) {
                digests.add(digest);
            }
        } while (size[0] - before == CHUNK);
        return of(size[0], digests);
    }

    /** Reads bytes as {@link InputStream#read(byte[], int, int)} does. */
    @FunctionalInterface
    private interface Source {
        int read(byte[] buffer, int length) throws IOException;
    }

    private static byte[] digestOf(Source source) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER];
        int left = CHUNK;
        while (left > 0) {
            int read = source.read(buffer, Math.min(left, buffer.length));
            if (read < 0) {
                break;
            }
            digest.update(buffer, 0, read);
            left -= read;
        }
        return digest.digest();
    }
}
