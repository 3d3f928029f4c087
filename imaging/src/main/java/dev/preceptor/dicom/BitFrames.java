package dev.preceptor.dicom;

import java.util.BitSet;

/** Frames of one bit for each pixel: lowest bit first, frames without padding between them, padded to an even number of bytes. */
final class BitFrames {
    private final BitSet bits = new BitSet();
    private final int pixels;
    private int frames;

    /** @param pixels of each frame */
    BitFrames(int pixels) {
        this.pixels = pixels;
    }

    /** The number of bytes of frames with one bit for each pixel, padding included. */
    static long bytes(long pixels, long frames) {
        long whole = (Math.multiplyExact(pixels, frames) + 7) / 8;
        return whole + whole % 2;
    }

    /** Appends a frame in which the pixels that are not 0 are set. */
    void add(byte[] frame) {
        long offset = (long) frames * pixels;
        for (int i = 0; i < pixels; i++) {
            if (frame[i] != 0) {
                bits.set(Math.toIntExact(offset + i));
            }
        }
        frames++;
    }

    byte[] toByteArray() {
        byte[] packed = new byte[Math.toIntExact(bytes(pixels, frames))];
        byte[] set = bits.toByteArray();
        System.arraycopy(set, 0, packed, 0, set.length);
        return packed;
    }

    /** The pixels of one frame, 0 or 1. */
    static byte[] frame(byte[] packed, int pixels, int frame) {
        byte[] unpacked = new byte[pixels];
        long offset = (long) frame * pixels;
        for (int i = 0; i < pixels; i++) {
            long bit = offset + i;
            unpacked[i] = (byte) (packed[(int) (bit >>> 3)] >>> (bit & 7) & 1);
        }
        return unpacked;
    }
}
