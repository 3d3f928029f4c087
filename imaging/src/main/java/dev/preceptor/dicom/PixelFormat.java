package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import java.util.Locale;
import java.util.Optional;

/**
 * How the pixels of a grey image are stored.
 *
 * @param rows the number of rows of a frame, from 1
 * @param columns the number of columns
 * @param frames the number of frames, from 1
 * @param bitsAllocated 8, 16 or 32
 * @param bitsStored the bits that hold the value, from 1 to {@code bitsAllocated}
 * @param highBit the highest of them, from 0
 * @param signed whether the highest bit stored is a sign
 */
record PixelFormat(int rows, int columns, int frames, int bitsAllocated, int bitsStored, int highBit, boolean signed) {
    /** The largest frame that is decoded: 4096 x 4096 pixels. */
    static final int MOST_PIXELS = 1 << 24;

    /**
     * The pixels of a file.
     *
     * @throws InvalidFileException if the header lacks or contradicts one of the numbers, or is of a kind that is no grey image
     */
    static PixelFormat of(DicomFile file) {
        DataSet header = file.dataSet();
        notGrey(header).ifPresent(problem -> {
            throw new InvalidFileException(file.path(), problem);
        });
        int rows = required(file, Tag.ROWS);
        int columns = required(file, Tag.COLUMNS);
        int frames = header.integer(Tag.NUMBER_OF_FRAMES).orElse(1);
        int allocated = required(file, Tag.BITS_ALLOCATED);
        int stored = header.integer(Tag.BITS_STORED).orElse(allocated);
        int high = header.integer(Tag.HIGH_BIT).orElse(stored - 1);
        if (rows < 1 || columns < 1 || frames < 1 || (long) rows * columns > MOST_PIXELS) {
            throw new InvalidFileException(
                    file.path(),
                    "states " + frames + " frames of " + columns + "x" + rows + " pixels, which cannot be an image");
        }
        if (allocated != 8 && allocated != 16 && allocated != 32
                || stored < 1
                || stored > allocated
                || high < stored - 1
                || high >= allocated) {
            throw new InvalidFileException(
                    file.path(),
                    "stores " + stored + " bits up to bit " + high + " in " + allocated
                            + ", not a grey value of 8, 16 or 32 bits");
        }
        boolean signed = header.integer(Tag.PIXEL_REPRESENTATION).orElse(0) == 1;
        return new PixelFormat(rows, columns, frames, allocated, stored, high, signed);
    }

    /** Why an image is none of grey values, in one line; empty if it is one. */
    static Optional<String> notGrey(DataSet header) {
        int samples = header.integer(Tag.SAMPLES_PER_PIXEL).orElse(1);
        Optional<String> photometric = header.text(Tag.PHOTOMETRIC_INTERPRETATION);
        boolean isGrey = samples == 1
                && photometric
                        .map(text -> text.toUpperCase(Locale.ROOT).equals("MONOCHROME2"))
                        .orElse(true);
        return isGrey
                ? Optional.empty()
                : Optional.of("is " + photometric.orElse("an image") + " with " + samples
                        + " samples a pixel, not a grey image (MONOCHROME2); give the series as the scanner made it");
    }

    private static int required(DicomFile file, Tag tag) {
        return file.dataSet()
                .integer(tag)
                .orElseThrow(() -> new InvalidFileException(file.path(), "has no " + tag + ": it holds no image"));
    }

    int pixels() {
        return rows * columns;
    }

    int bytesPerPixel() {
        return bitsAllocated / 8;
    }

    /** The bytes of one native frame. */
    int frameBytes() {
        return pixels() * bytesPerPixel();
    }

    /** The value of the bits of one pixel, by its sign and the place of its bits. */
    long value(int bits) {
        int shifted = bits >>> (highBit + 1 - bitsStored);
        int unused = 32 - bitsStored;
        return signed ? shifted << unused >> unused : (shifted & 0xFFFFFFFFL) << (32 + unused) >>> (32 + unused);
    }
}
