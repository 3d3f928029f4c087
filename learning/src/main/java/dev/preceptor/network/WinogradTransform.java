package dev.preceptor.network;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The linear maps of Winograd's minimal filtering F(4, 3) (Lavin and Gray, CVPR 2016, arXiv 1509.09308, section 4.3): four outputs of a
 * filter of three taps by six products in place of twelve. With the matrices A, B, G of the paper an output is
 * y = A^T ((G w) * (B^T x)). If y' is the gradient of y, the gradient of w is G^T ((A y') * (B^T x)), and that of x is
 * B ((G w) * (A y')).
 *
 * <p>The points are 0, 1, -1, 1/2, -2 and infinity, of which the rounding errors are smaller than those of the paper's points
 * (Barabasz et al., ACM TOMS 2020, arXiv 1803.10986). A map combines rows of numbers value by value, so that the loops vectorise.
 */
enum WinogradTransform {
    /** B^T: six values of the input to six points. */
    INPUT(new float[][] {
        {1, -1.5f, -2, 1.5f, 1, 0},
        {0, -1, 0.5f, 2.5f, 1, 0},
        {0, 1, -2.5f, 0.5f, 1, 0},
        {0, -2, -1, 2, 1, 0},
        {0, 0.5f, -1, -0.5f, 1, 0},
        {0, 1, -1.5f, -2, 1.5f, 1}
    }),

    /** A: four values of the output's gradient to six points. */
    OUTPUT_GRADIENT(new float[][] {
        {1, 0, 0, 0},
        {1, 1, 1, 1},
        {1, -1, 1, -1},
        {1, 0.5f, 0.25f, 0.125f},
        {1, -2, 4, -8},
        {0, 0, 0, 1}
    }),

    /** A^T: six points to four values of the output. */
    OUTPUT(new float[][] {
        {1, 1, 1, 1, 1, 0},
        {0, 1, -1, 0.5f, -2, 0},
        {0, 1, 1, 0.25f, 4, 0},
        {0, 1, -1, 0.125f, -8, 1}
    }),

    /** B: six points to six values of the input's gradient, to the first two of which two further rows are added. */
    INPUT_GRADIENT(new float[][] {
        {1, 0, 0, 0, 0, 0, 1, 0},
        {-1.5f, -1, 1, -2, 0.5f, 1, 0, 1},
        {-2, 0.5f, -2.5f, -1, -1, -1.5f, 0, 0},
        {1.5f, 2.5f, 0.5f, 2, -0.5f, -2, 0, 0},
        {1, 1, 1, 1, 1, 1.5f, 0, 0},
        {0, 0, 0, 0, 0, 1, 0, 0}
    });

    /** Outputs of a tile. */
    static final int OUTPUTS = 4;

    /** Products of a tile, and inputs of a tile: one before its outputs and one behind them. */
    static final int POINTS = 6;

    /** G: from three taps of the filter to six points, row by row. */
    static final float[] TAPS = {
        1, 0, 0, 1 / 3f, 1 / 3f, 1 / 3f, -1 / 3f, 1 / 3f, -1 / 3f, -16 / 15f, -8 / 15f, -4 / 15f, 1 / 15f, -2 / 15f,
        4 / 15f, 0, 0, 1
    };

    /** Rows of this length, as many as a map reads and writes, stay in the fastest cache. */
    private static final int ROW = 512;

    private final int inputs;
    private final Combination[][] combinations;

    WinogradTransform(float[][] matrix) {
        this.inputs = matrix[0].length;
        this.combinations = Arrays.stream(matrix).map(Combination::of).toArray(Combination[][]::new);
    }

    /** A sum of three rows, each times a factor. */
    private record Combination(int first, int second, int third, float a, float b, float c) {
        /** The non-zero factors of a row of a matrix, three by three. */
        static Combination[] of(float[] factors) {
            int[] places = IntStream.range(0, factors.length)
                    .filter(i -> factors[i] != 0)
                    .toArray();
            Combination[] all = new Combination[(places.length + 2) / 3];
            for (int i = 0; i < all.length; i++) {
                int[] three = Arrays.copyOf(Arrays.copyOfRange(places, 3 * i, places.length), 3);
                boolean hasSecond = 3 * i + 1 < places.length;
                boolean hasThird = 3 * i + 2 < places.length;
                all[i] = new Combination(
                        three[0],
                        hasSecond ? three[1] : three[0],
                        hasThird ? three[2] : three[0],
                        factors[three[0]],
                        hasSecond ? factors[three[1]] : 0,
                        hasThird ? factors[three[2]] : 0);
            }
            return all;
        }
    }

    /** The number of planes that it reads. */
    int inputs() {
        return inputs;
    }

    /**
     * Planes of numbers of the same length that a map reads and writes.
     *
     * @param from null for a plane of zeros
     * @param to null for a plane that is not needed
     */
    record PlaneMap(FloatBuffer[] from, FloatBuffer[] to) {}

    /**
     * Maps planes in the order of the list; several threads share each plane.
     *
     * @param length of each plane
     */
    void apply(List<PlaneMap> maps, int length, int threads) {
        int part = (length / ROW / threads + 1) * ROW;
        IntStream parts = IntStream.range(0, (length + part - 1) / part);
        (threads > 1 ? parts.parallel() : parts).forEach(i -> {
            float[][] rows = new float[inputs][ROW];
            float[] result = new float[ROW];
            int end = Math.min(length, (i + 1) * part);
            for (PlaneMap map : maps) {
                for (int start = i * part; start < end; start += ROW) {
                    apply(map, rows, result, start, Math.min(ROW, end - start));
                }
            }
        });
    }

    private void apply(PlaneMap map, float[][] rows, float[] result, int start, int length) {
        for (int j = 0; j < inputs; j++) {
            if (map.from[j] == null) {
                Arrays.fill(rows[j], 0);
            } else {
                map.from[j].get(start, rows[j], 0, length);
            }
        }
        for (int j = 0; j < combinations.length; j++) {
            if (map.to[j] != null) {
                combine(combinations[j], rows, result, length);
                map.to[j].put(start, result, 0, length);
            }
        }
    }

    private static void combine(Combination[] parts, float[][] rows, float[] to, int length) {
        for (int k = 0; k < parts.length; k++) {
            Combination part = parts[k];
            float[] first = rows[part.first];
            float[] second = rows[part.second];
            float[] third = rows[part.third];
            if (k == 0) {
                set(first, part.a, second, part.b, third, part.c, to, length);
            } else {
                add(first, part.a, second, part.b, third, part.c, to, length);
            }
        }
    }

    // The compiler of the virtual machine makes vectors of a loop only if it writes one array and reads few.

    private static void set(
            float[] first, float a, float[] second, float b, float[] third, float c, float[] to, int length) {
        for (int i = 0; i < length; i++) {
            to[i] = a * first[i] + b * second[i] + c * third[i];
        }
    }

    private static void add(
            float[] first, float a, float[] second, float b, float[] third, float c, float[] to, int length) {
        for (int i = 0; i < length; i++) {
            to[i] += a * first[i] + b * second[i] + c * third[i];
        }
    }
}
