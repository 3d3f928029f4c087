package dev.preceptor.cohort;

import dev.preceptor.base.Sha256;
import dev.preceptor.volume.Volume;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 of voxel values. It does not depend on the compression and the data type of the file. */
final class ContentHash {
    private ContentHash() {}

    static String of(Volume volume) {
        MessageDigest digest = Sha256.digest();
        float[] voxels = volume.voxels();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < voxels.length; start += 1 << 14) {
            int count = Math.min(1 << 14, voxels.length - start);
            buffer.clear();
            buffer.asFloatBuffer().put(voxels, start, count);
            digest.update(buffer.limit(4 * count));
        }
        return hex(digest);
    }

    static String of(byte[] labels) {
        MessageDigest digest = Sha256.digest();
        digest.update(labels);
        return hex(digest);
    }

    static String of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first 128 bits as hexadecimal digits: enough to rule out collisions, short enough for a report. */
    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }
}
