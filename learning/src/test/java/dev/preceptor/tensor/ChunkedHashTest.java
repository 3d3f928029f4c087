package dev.preceptor.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedHashTest {
    @TempDir
    private Path folder;

    private ChunkedHash ofFile(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("content"), content);
        List<byte[]> digests = new ArrayList<>();
        for (ChunkedHash.Chunk chunk : ChunkedHash.chunks(file, content.length)) {
            digests.add(chunk.digest());
        }
        return ChunkedHash.of(content.length, digests);
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0, 1, ChunkedHash.CHUNK - 1, ChunkedHash.CHUNK, ChunkedHash.CHUNK + 1, 2 * ChunkedHash.CHUNK + 3})
    void theHashIsTheSha256OfTheSha256OfEachChunkOfFilesAndOfStreams(int size) throws Exception {
        byte[] content = content(size);
        MessageDigest together = MessageDigest.getInstance("SHA-256");
        for (int start = 0; start == 0 || start < size; start += ChunkedHash.CHUNK) {
            byte[] chunk = Arrays.copyOfRange(content, start, Math.min(start + ChunkedHash.CHUNK, size));
            together.update(MessageDigest.getInstance("SHA-256").digest(chunk));
        }
        ChunkedHash expected = new ChunkedHash(size, HexFormat.of().formatHex(together.digest()));
        assertEquals(expected, ofFile(content));
        assertEquals(expected, ChunkedHash.of(new ByteArrayInputStream(content)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, ChunkedHash.CHUNK - 1, ChunkedHash.CHUNK, 2 * ChunkedHash.CHUNK, 2 * ChunkedHash.CHUNK + 2})
    void aChangedByteInAnyChunkChangesTheHash(int position) throws IOException {
        byte[] content = content(2 * ChunkedHash.CHUNK + 3);
        ChunkedHash before = ofFile(content);
        content[position] ^= 1;
        assertNotEquals(before, ofFile(content));
    }

    @Test
    void chunksInAnotherOrderHaveAnotherHash() throws IOException {
        byte[] one = content(ChunkedHash.CHUNK);
        byte[] other = content(ChunkedHash.CHUNK);
        other[0] ^= 1;
        byte[] content = Arrays.copyOf(one, 2 * ChunkedHash.CHUNK);
        System.arraycopy(other, 0, content, ChunkedHash.CHUNK, ChunkedHash.CHUNK);
        byte[] swapped = Arrays.copyOf(other, 2 * ChunkedHash.CHUNK);
        System.arraycopy(one, 0, swapped, ChunkedHash.CHUNK, ChunkedHash.CHUNK);
        assertNotEquals(ofFile(content), ofFile(swapped));
    }
}
