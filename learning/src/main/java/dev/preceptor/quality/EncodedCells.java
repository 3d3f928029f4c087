package dev.preceptor.quality;

import dev.preceptor.base.InvalidRecipeException;
import java.util.Base64;

/**
 * One number for each pair of cells of a {@link CoarseImage} that a flip of left and right exchanges, as stored in a model file.
 *
 * @param scale by which the stored whole numbers are multiplied, 0 or more
 * @param data 8 * 16 * 16 signed bytes in base 64: the cells of the left half, x-fastest, the leftmost first
 */
public record EncodedCells(double scale, String data) {
    private static final int HALF = CoarseImage.CELLS / 2;

    /** @throws InvalidRecipeException if the data are not of that size, or the scale is out of range */
    public EncodedCells {
        if (!(scale >= 0 && scale < Double.POSITIVE_INFINITY) || decoded(data).length != CoarseImage.COUNT / 2) {
            throw new InvalidRecipeException(
                    "a coarse image must be " + CoarseImage.COUNT / 2 + " bytes in base 64 with a scale of 0 or more");
        }
    }

    private static byte[] decoded(String data) {
        try {
            return Base64.getDecoder().decode(data);
        } catch (IllegalArgumentException e) {
            throw new InvalidRecipeException("a coarse image is not in base 64");
        }
    }

    /** Encodes the mean of each cell and its mirror image, to 1/127 of the largest. */
    static EncodedCells of(double[] cells) {
        double[] half = new double[CoarseImage.COUNT / 2];
        double largest = 0;
        for (int i = 0; i < half.length; i++) {
            int row = i / HALF * CoarseImage.CELLS;
            int x = i % HALF;
            half[i] = (cells[row + x] + cells[row + CoarseImage.CELLS - 1 - x]) / 2;
            largest = Math.max(largest, Math.abs(half[i]));
        }
        byte[] bytes = new byte[half.length];
        for (int i = 0; i < half.length; i++) {
            bytes[i] = (byte) Math.round(largest == 0 ? 0 : half[i] / largest * 127);
        }
        return new EncodedCells(largest / 127, Base64.getEncoder().encodeToString(bytes));
    }

    /** All cells, as in {@link CoarseImage#cells()}. */
    double[] cells() {
        byte[] bytes = decoded(data);
        double[] cells = new double[CoarseImage.COUNT];
        for (int i = 0; i < bytes.length; i++) {
            int row = i / HALF * CoarseImage.CELLS;
            int x = i % HALF;
            cells[row + x] = bytes[i] * scale;
            cells[row + CoarseImage.CELLS - 1 - x] = bytes[i] * scale;
        }
        return cells;
    }
}
