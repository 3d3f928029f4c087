package dev.preceptor.dicom;

import java.io.IOException;

/** DICOM's run-length coding (PS3.5, annex G): one byte plane a segment, the most significant first. Stateless. */
final class RleDecoder {
    private static final int HEADER = 64;

    private RleDecoder() {}

    /**
     * Decodes one frame of one sample a pixel.
     *
     * @param count the number of pixels
     * @param bytesPerPixel 1 to 4
     * @throws IOException with the reason, if the bytes are damaged
     */
    static int[] decode(byte[] coded, int count, int bytesPerPixel) throws IOException {
        CodedBytes in = new CodedBytes(coded);
        int segments = in.little32();
        if (segments != bytesPerPixel) {
            throw new IOException("they have " + segments + " segments, not " + bytesPerPixel);
        }
        int[] offsets = new int[segments + 1];
        for (int i = 0; i < segments; i++) {
            offsets[i] = in.little32();
            if (offsets[i] < HEADER || i > 0 && offsets[i] < offsets[i - 1]) {
                throw new IOException("their segments do not follow each other");
            }
        }
        offsets[segments] = coded.length;
        int[] pixels = new int[count];
        for (int i = 0; i < segments; i++) {
            segment(in, offsets[i], Math.min(offsets[i + 1], coded.length), pixels, 8 * (segments - 1 - i));
        }
        return pixels;
    }

    private static void segment(CodedBytes in, int from, int to, int[] pixels, int shift) throws IOException {
        in.position(from);
        int done = 0;
        while (done < pixels.length) {
            if (in.position() >= to) {
                throw new IOException("a segment ends early");
            }
            byte control = (byte) in.unsigned8();
            if (control >= 0) {
                for (int i = 0; i <= control && done < pixels.length; i++) {
                    pixels[done++] |= in.unsigned8() << shift;
                }
            } else if (control != Byte.MIN_VALUE) {
                int value = in.unsigned8() << shift;
                for (int i = 0; i <= -control && done < pixels.length; i++) {
                    pixels[done++] |= value;
                }
            }
        }
    }
}
