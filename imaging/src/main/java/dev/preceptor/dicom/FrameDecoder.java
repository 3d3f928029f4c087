package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Decodes the frames of one file to stored values. What the header promises is compared with the bytes that are there before memory
 * is allocated. Not thread-safe.
 */
final class FrameDecoder implements Closeable {
    private final DicomFile file;
    private final PixelFormat format;
    private final PixelReader pixels;
    private final TransferSyntax.Coding coding;

    private FrameDecoder(DicomFile file, PixelFormat format, PixelReader pixels, TransferSyntax.Coding coding) {
        this.file = file;
        this.format = format;
        this.pixels = pixels;
        this.coding = coding;
    }

    /**
     * Opens the pixels of a file.
     *
     * @throws InvalidFileException if the transfer syntax cannot be read here, with the remedy, or if there are fewer bytes than the
     *     header promises
     */
    static FrameDecoder open(DicomFile file) {
        PixelFormat format = PixelFormat.of(file);
        TransferSyntax.Coding coding = coding(file);
        PixelReader pixels = file.openPixels((long) format.frameBytes() * format.frames());
        try {
            if (pixels.isEncapsulated() != (coding != TransferSyntax.Coding.NATIVE)) {
                throw new InvalidFileException(
                        file.path(),
                        (pixels.isEncapsulated() ? "has encapsulated pixels" : "has plain pixels")
                                + " although its transfer syntax is " + file.transferSyntaxUid()
                                + "; convert it with gdcmconv or dcm2niix");
            }
            file.requireEnoughBytes(format);
            return new FrameDecoder(file, format, pixels, coding);
        } catch (RuntimeException e) {
            pixels.close();
            throw e;
        }
    }

    /** Refuses a file whose pixels {@link #open} would refuse by their transfer syntax. Reads nothing. */
    static void requireReadable(DicomFile file) {
        coding(file);
    }

    private static TransferSyntax.Coding coding(DicomFile file) {
        Optional<TransferSyntax> syntax = TransferSyntax.of(file.transferSyntaxUid());
        if (syntax.isEmpty()) {
            throw new InvalidFileException(
                    file.path(),
                    "has the transfer syntax " + file.transferSyntaxUid()
                            + ", which is not read; convert it with gdcmconv --raw or dcm2niix");
        }
        if (syntax.get().coding() == TransferSyntax.Coding.JPEG_2000 && !ImageIoDecoder.has("jpeg2000")) {
            throw new InvalidFileException(
                    file.path(),
                    "has " + syntax.get() + " pixels, which need the ImageIO plug-in"
                            + " com.github.jai-imageio:jai-imageio-jpeg2000 on the class path; or convert it with gdcmconv --raw"
                            + " or dcm2niix");
        }
        return syntax.get().coding();
    }

    /**
     * The stored values of a frame, row by row.
     *
     * @param index the frame, from 0
     */
    long[] decode(int index) {
        int[] bits = coding == TransferSyntax.Coding.NATIVE ? plain(index) : coded(index);
        long[] values = new long[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = format.value(bits[i]);
        }
        return values;
    }

    private int[] plain(int index) {
        byte[] bytes = pixels.bytes((long) index * format.frameBytes(), format.frameBytes());
        int width = format.bytesPerPixel();
        int[] bits = new int[format.pixels()];
        for (int i = 0; i < bits.length; i++) {
            int value = 0;
            for (int b = 0; b < width; b++) {
                value |= (bytes[i * width + b] & 0xFF) << 8 * b;
            }
            bits[i] = value;
        }
        return bits;
    }

    private int[] coded(int index) {
        byte[] bytes = pixels.frame(index, format.frames());
        int columns = format.columns();
        int rows = format.rows();
        try {
            return switch (coding) {
                case RLE -> RleDecoder.decode(bytes, format.pixels(), format.bytesPerPixel());
                case JPEG_LOSSLESS -> JpegLosslessDecoder.decode(bytes, columns, rows);
                case JPEG_LS -> JpegLsDecoder.decode(bytes, columns, rows);
                case JPEG_BASELINE -> ImageIoDecoder.decode(bytes, "jpeg", columns, rows);
                default -> Jpeg2000Decoder.decode(bytes, columns, rows);
            };
        } catch (IOException e) {
            throw new InvalidFileException(
                    file.path(),
                    "the coded pixels of frame " + (index + 1) + " cannot be decoded (" + e.getMessage()
                            + "): fetch it again, or convert it with gdcmconv or dcm2niix",
                    e);
        }
    }

    @Override
    public void close() {
        pixels.close();
    }
}
