package dev.preceptor.dicom;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Decodes DICOM's run length encoding (PS3.5 annex G). Stateless. */
final class RunLengthDecoder {
    private static final int HEADER = 64;

    private RunLengthDecoder() {}

    /**
     * Decodes a frame.
     *
     * @param encoded header and segments
     * @param segments the number of bytes of a pixel
     * @param pixels of the frame
     * @return for each byte of a pixel, the highest first, that of all pixels
     * @throws IllegalArgumentException if the frame is damaged
     */
    static byte[][] decode(byte[] encoded, int segments, int pixels) {
        if (encoded.length < HEADER) {
            throw damaged();
        }
        ByteBuffer header = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        // A byte of run length encoding stands for 64 pixels at most.
        if (header.getInt() != segments || (long) pixels > 64L * encoded.length) {
            throw damaged();
        }
        byte[][] decoded = new byte[segments][pixels];
        for (int segment = 0; segment < segments; segment++) {
            int start = header.getInt();
            if (start < HEADER || start > encoded.length) {
                throw damaged();
            }
            decode(encoded, start, decoded[segment]);
        }
        return decoded;
    }

    private static void decode(byte[] encoded, int start, byte[] out) {
        int at = start;
        int to = 0;
        while (to < out.length) {
            if (at >= encoded.length) {
                throw damaged();
            }
            int control = encoded[at++];
            if (control == -128) {
                continue;
            }
            int length = Math.abs(control) + 1;
            if (to + length > out.length || at + (control < 0 ? 1 : length) > encoded.length) {
                throw damaged();
            }
            if (control < 0) {
                Arrays.fill(out, to, to + length, encoded[at++]);
            } else {
                System.arraycopy(encoded, at, out, to, length);
                at += length;
            }
            to += length;
        }
    }

    private static IllegalArgumentException damaged() {
        return new IllegalArgumentException("has a damaged frame of run length encoding");
    }
}
