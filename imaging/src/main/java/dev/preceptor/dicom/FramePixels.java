package dev.preceptor.dicom;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The pixel data of a segmentation, frame by frame. Immutable.
 *
 * @param plain the bytes of all frames, none if they are coded
 * @param coded a coded frame each, none if they are plain
 * @param bits of a pixel: 1, 8 or 16
 * @param pixels of a frame
 */
record FramePixels(byte[] plain, List<byte[]> coded, int bits, int pixels) {
    /**
     * Reads the pixel data.
     *
     * @throws IllegalArgumentException with the reason, if they are too few or of a kind that is not read
     * @throws dev.preceptor.base.InvalidFileException if the file cannot be read
     */
    static FramePixels of(DicomFile file, SegmentationType type, int rows, int columns, int frames) {
        int bits = file.dataSet().integer(Tag.BITS_ALLOCATED).orElse(0);
        boolean isKnown = type == SegmentationType.BINARY
                ? bits == 1
                : bits == 8 || bits == 16 && type == SegmentationType.LABELMAP;
        if (!isKnown) {
            throw new IllegalArgumentException(
                    "is " + type + " with " + bits + " bits a pixel (0028,0100), which is not read");
        }
        int pixels = Math.multiplyExact(rows, columns);
        long needed = (Math.multiplyExact((long) pixels * bits, (long) frames) + 7) / 8;
        try (PixelReader reader = file.openPixels(needed)) {
            if (!reader.isEncapsulated()) {
                if (reader.length() < needed) {
                    throw new IllegalArgumentException("is cut short: " + frames + " frames of " + pixels
                            + " pixels need " + needed + " bytes of pixel data, but it has " + reader.length());
                }
                return new FramePixels(reader.bytes(0, Math.toIntExact(needed)), List.of(), bits, pixels);
            }
            if (!file.transferSyntaxUid().equals(TransferSyntax.RLE.uid()) || bits == 1) {
                throw new IllegalArgumentException("is a segmentation in the transfer syntax "
                        + file.transferSyntaxUid() + ", which is not read; decompress it with gdcmconv --raw");
            }
            List<byte[]> coded = new ArrayList<>();
            for (int frame = 0; frame < frames; frame++) {
                coded.add(reader.frame(frame, frames));
            }
            return new FramePixels(new byte[0], coded, bits, pixels);
        }
    }

    /**
     * The values of the pixels of a frame, row by row: 0 or 1 for one bit, else 0 to 255.
     *
     * @throws IllegalArgumentException if the frame is damaged, or a pixel of 16 bits is above 255
     */
    byte[] frame(int number) {
        if (!coded.isEmpty()) {
            return decoded(coded.get(number));
        }
        if (bits == 1) {
            return BitFrames.frame(plain, pixels, number);
        }
        int bytes = bits / 8;
        byte[] low = new byte[pixels];
        byte[] high = new byte[pixels];
        int offset = number * pixels * bytes;
        for (int i = 0; i < pixels; i++) {
            low[i] = plain[offset + i * bytes];
            high[i] = bytes == 2 ? plain[offset + i * 2 + 1] : 0;
        }
        return low(low, high);
    }

    private byte[] decoded(byte[] frame) {
        // A byte of run length encoding stands for 64 pixels at most.
        if (pixels > 64L * frame.length) {
            throw new IllegalArgumentException("has a frame of " + frame.length + " bytes, too few for its pixels");
        }
        try {
            int[] values = RleDecoder.decode(frame, pixels, bits / 8);
            byte[] low = new byte[pixels];
            byte[] high = new byte[pixels];
            for (int i = 0; i < pixels; i++) {
                low[i] = (byte) values[i];
                high[i] = (byte) (values[i] >>> 8);
            }
            return low(low, high);
        } catch (IOException e) {
            throw new IllegalArgumentException("has a damaged frame: " + e.getMessage(), e);
        }
    }

    private static byte[] low(byte[] low, byte[] high) {
        for (byte value : high) {
            if (value != 0) {
                throw new IllegalArgumentException("has pixels of segments above 255");
            }
        }
        return low;
    }
}
