package dev.preceptor.dicom;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * DICOM's run length encoding (PS3.5 annex G) of 8-bit frames: a header of 64 bytes and one segment of PackBits, each row on its own.
 */
final class RunLengthEncoder {
    private static final int HEADER = 64;
    private static final int LONGEST = 128;

    private RunLengthEncoder() {}

    /**
     * Encodes a frame.
     *
     * @param frame row by row, a multiple of {@code columns} bytes
     * @return an even number of bytes
     */
    static byte[] encode(byte[] frame, int columns) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(HEADER + frame.length / 8);
        out.writeBytes(ByteBuffer.allocate(HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(1)
                .putInt(HEADER)
                .array());
        for (int start = 0; start < frame.length; start += columns) {
            encodeRow(frame, start, start + columns, out);
        }
        if (out.size() % 2 != 0) {
            out.write(0);
        }
        return out.toByteArray();
    }

    private static void encodeRow(byte[] frame, int start, int end, ByteArrayOutputStream out) {
        int at = start;
        while (at < end) {
            int run = run(frame, at, end);
            if (run > 1) {
                out.write(1 - run);
                out.write(frame[at]);
                at += run;
            } else {
                // A run of two inside a literal costs as much as the literal, so three end it.
                int literal = at + 1;
                while (literal < end && literal - at < LONGEST && run(frame, literal, end) < 3) {
                    literal++;
                }
                out.write(literal - at - 1);
                out.write(frame, at, literal - at);
                at = literal;
            }
        }
    }

    private static int run(byte[] frame, int at, int end) {
        int next = at + 1;
        while (next < end && next - at < LONGEST && frame[next] == frame[at]) {
            next++;
        }
        return next - at;
    }
}
