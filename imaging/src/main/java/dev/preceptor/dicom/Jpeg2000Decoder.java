package dev.preceptor.dicom;

import java.io.IOException;

/**
 * JPEG 2000 through ImageIO. The size segment is checked first (ISO/IEC 15444-1, A.5.1): the plug-in reserves memory for whatever size
 * damaged bytes promise. Stateless.
 */
final class Jpeg2000Decoder {
    private static final int START_AND_SIZE = 0xFF4FFF51;
    private static final int MAX_TILES = 4096;

    private Jpeg2000Decoder() {}

    /**
     * Decodes one frame of one component.
     *
     * @return the samples row by row
     * @throws IOException with the reason, if the bytes are damaged or not of this size
     */
    static int[] decode(byte[] coded, int width, int height) throws IOException {
        requireSize(new CodedBytes(coded), width, height);
        return ImageIoDecoder.decode(coded, "jpeg2000", width, height);
    }

    private static void requireSize(CodedBytes in, int width, int height) throws IOException {
        if (unsigned32(in) != Integer.toUnsignedLong(START_AND_SIZE)) {
            throw new IOException("they do not begin with a size segment");
        }
        // Length and capabilities.
        in.position(in.position() + 4);
        long right = unsigned32(in);
        long bottom = unsigned32(in);
        long left = unsigned32(in);
        long top = unsigned32(in);
        long tileWidth = unsigned32(in);
        long tileHeight = unsigned32(in);
        long tilesLeft = unsigned32(in);
        long tilesTop = unsigned32(in);
        int components = in.unsigned16();
        // The standard allows an origin far from 0, but the plug-in would allocate memory up to it.
        if (right - left != width || bottom - top != height || left > width || top > height) {
            throw new IOException("they are " + (right - left) + "x" + (bottom - top) + " from " + left + ", " + top
                    + ", not " + width + "x" + height);
        }
        if (components != 1) {
            throw new IOException("they have " + components + " components; only grey images are read");
        }
        if (tilesLeft > left
                || tilesTop > top
                || tiles(right - tilesLeft, tileWidth, bottom - tilesTop, tileHeight) > MAX_TILES) {
            throw new IOException("their tiles do not fit the image");
        }
    }

    private static long tiles(long width, long tileWidth, long height, long tileHeight) {
        if (tileWidth == 0 || tileHeight == 0) {
            return Long.MAX_VALUE;
        }
        return (width + tileWidth - 1) / tileWidth * ((height + tileHeight - 1) / tileHeight);
    }

    private static long unsigned32(CodedBytes in) throws IOException {
        return ((long) in.unsigned16() << 16) | in.unsigned16();
    }
}
