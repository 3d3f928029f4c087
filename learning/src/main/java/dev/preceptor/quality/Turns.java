package dev.preceptor.quality;

import java.util.ArrayList;
import java.util.List;

/**
 * The 23 ways to turn or flip a coarse image that change it, where an image and its mirror image of left and right count as one.
 * Stateless.
 */
final class Turns {
    /** How a difference of the logarithms of extents counts beside a correlation. */
    private static final double EXTENT_WEIGHT = 1;

    private static final int[][] PERMUTATIONS = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    private static final String[] DIRECTIONS = {"RL", "AP", "SI"};
    private static final int[] STRIDES = {1, CoarseImage.CELLS, CoarseImage.CELLS * CoarseImage.CELLS};
    private static final List<Turn> ALL = all();

    private Turns() {}

    /**
     * A turned image: its axis k is the axis {@code from[k]} of the image, reversed or not.
     *
     * @param from a permutation of 0, 1, 2
     * @param reversed for each axis of the result
     */
    private record Turn(int[] from, boolean[] reversed) {
        /** The directions in which the axes of the image point if the turned image is upright, such as {@code RPS}. */
        String codes() {
            char[] codes = new char[3];
            for (int k = 0; k < 3; k++) {
                codes[from[k]] = DIRECTIONS[k].charAt(reversed[k] ? 1 : 0);
            }
            return new String(codes);
        }
    }

    /**
     * The turn that makes an image most like a reference.
     *
     * @param codes the directions of the axes of the image, if this turn makes it upright
     * @param gain how much more alike than the image as it is; the similarity is a correlation less a difference of extents
     */
    record Best(String codes, double gain) {}

    private static List<Turn> all() {
        List<Turn> all = new ArrayList<>();
        for (int[] from : PERMUTATIONS) {
            // The reference is symmetric, so that the direction of its axis of left and right does not matter.
            for (int signs = 0; signs < 4; signs++) {
                all.add(new Turn(from, new boolean[] {false, (signs & 1) == 1, (signs & 2) == 2}));
            }
        }
        return List.copyOf(all);
    }

    /** The best of the turns that change an image. */
    static Best best(CoarseImage image, double[] reference, double[] logExtents) {
        double upright = similarity(image, ALL.get(0), reference, logExtents);
        Turn best = ALL.get(1);
        double most = Double.NEGATIVE_INFINITY;
        for (Turn turn : ALL.subList(1, ALL.size())) {
            double similarity = similarity(image, turn, reference, logExtents);
            if (similarity > most) {
                most = similarity;
                best = turn;
            }
        }
        return new Best(best.codes(), most - upright);
    }

    private static double similarity(CoarseImage image, Turn turn, double[] reference, double[] logExtents) {
        double[] difference = new double[3];
        double mean = 0;
        for (int k = 0; k < 3; k++) {
            difference[k] = image.logExtents()[turn.from[k]] - logExtents[k];
            mean += difference[k] / 3;
        }
        double squares = 0;
        for (double d : difference) {
            squares += (d - mean) * (d - mean) / 3;
        }
        return correlation(turned(image.cells(), turn), reference) - EXTENT_WEIGHT * Math.sqrt(squares);
    }

    private static double[] turned(float[] cells, Turn turn) {
        int n = CoarseImage.CELLS;
        double[] turned = new double[cells.length];
        int index = 0;
        for (int z = 0; z < n; z++) {
            for (int y = 0; y < n; y++) {
                for (int x = 0; x < n; x++) {
                    turned[index++] = cells[at(turn, 0, x) + at(turn, 1, y) + at(turn, 2, z)];
                }
            }
        }
        return turned;
    }

    private static int at(Turn turn, int axis, int i) {
        return STRIDES[turn.from[axis]] * (turn.reversed[axis] ? CoarseImage.CELLS - 1 - i : i);
    }

    /** The correlation over the cells in which the reference is not 0; 0 if one of the two is constant. */
    static double correlation(double[] cells, double[] reference) {
        double n = 0;
        double a = 0;
        double b = 0;
        double aa = 0;
        double bb = 0;
        double ab = 0;
        for (int i = 0; i < cells.length; i++) {
            if (reference[i] != 0) {
                n++;
                a += cells[i];
                b += reference[i];
                aa += cells[i] * cells[i];
                bb += reference[i] * reference[i];
                ab += cells[i] * reference[i];
            }
        }
        double variances = (aa - a * a / n) * (bb - b * b / n);
        return n == 0 || variances <= 1e-12 ? 0 : (ab - a * b / n) / Math.sqrt(variances);
    }
}
