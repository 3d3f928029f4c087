package dev.preceptor.dicom;

import java.io.IOException;

/** Coded bytes of one frame from front to back; past their end is an {@link IOException}, never a guess. Not thread-safe. */
final class CodedBytes {
    private final byte[] bytes;
    private int at;

    CodedBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    int position() {
        return at;
    }

    void position(int position) throws IOException {
        if (position < 0 || position > bytes.length) {
            throw new IOException("they end early");
        }
        at = position;
    }

    int unsigned8() throws IOException {
        if (at >= bytes.length) {
            throw new IOException("they end early");
        }
        return bytes[at++] & 0xFF;
    }

    /** Most significant byte first, as in JPEG. */
    int unsigned16() throws IOException {
        int high = unsigned8();
        return high << 8 | unsigned8();
    }

    /** Least significant byte first, as in the header of DICOM's RLE. */
    int little32() throws IOException {
        int first = unsigned8();
        int second = unsigned8();
        int third = unsigned8();
        return first | second << 8 | third << 16 | unsigned8() << 24;
    }
}
