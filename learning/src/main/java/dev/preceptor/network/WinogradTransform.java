package dev.preceptor.network;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The linear maps of Winograd's minimal filtering F(4, 3) (Winograd 1980; Lavin and Gray, CVPR 2016, arXiv 1509.09308, section 4.3):
 * four outputs of a filter of three taps by six products in place of twelve, with the points 0, 1, -1, 2, -2 and infinity. A map
 * makes a few rows of numbers from a few others, value by value, so that the loops over them vectorise.
 *
 * <p>With the matrices of the paper an output is y = A^T ((G w) * (B^T x)). The gradients follow from the same three matrices:
 * that of w is G^T ((A y') * (B^T x)), that of x is B ((G w) * (A y')), if y' is the gradient of y.
 */
enum WinogradTransform {
    /** B^T: six values of the input to six points. */
    INPUT(6, 6) {
        @Override
        void apply(float[][] from, float[][] to, int length) {
            float[] x0 = from[0], x1 = from[1], x2 = from[2], x3 = from[3], x4 = from[4], x5 = from[5];
            float[] v0 = to[0], v1 = to[1], v2 = to[2], v3 = to[3], v4 = to[4], v5 = to[5];
            for (int i = 0; i < length; i++) {
                float even = x4[i] - 4 * x2[i];
                float odd = x3[i] - 4 * x1[i];
                float evenTwo = x4[i] - x2[i];
                float oddTwo = 2 * (x3[i] - x1[i]);
                v0[i] = 4 * x0[i] - 5 * x2[i] + x4[i];
                v1[i] = even + odd;
                v2[i] = even - odd;
                v3[i] = evenTwo + oddTwo;
                v4[i] = evenTwo - oddTwo;
                v5[i] = 4 * x1[i] - 5 * x3[i] + x5[i];
            }
        }
    },

    /** A^T: six points to four values of the output. */
    OUTPUT(6, 4) {
        @Override
        void apply(float[][] from, float[][] to, int length) {
            float[] m0 = from[0], m1 = from[1], m2 = from[2], m3 = from[3], m4 = from[4], m5 = from[5];
            float[] y0 = to[0], y1 = to[1], y2 = to[2], y3 = to[3];
            for (int i = 0; i < length; i++) {
                float even = m1[i] + m2[i];
                float odd = m1[i] - m2[i];
                float evenTwo = m3[i] + m4[i];
                float oddTwo = m3[i] - m4[i];
                y0[i] = m0[i] + even + evenTwo;
                y1[i] = odd + 2 * oddTwo;
                y2[i] = even + 4 * evenTwo;
                y3[i] = odd + 8 * oddTwo + m5[i];
            }
        }
    },

    /** A: four values of the output's gradient to six points. */
    OUTPUT_GRADIENT(4, 6) {
        @Override
        void apply(float[][] from, float[][] to, int length) {
            float[] y0 = from[0], y1 = from[1], y2 = from[2], y3 = from[3];
            float[] m0 = to[0], m1 = to[1], m2 = to[2], m3 = to[3], m4 = to[4], m5 = to[5];
            for (int i = 0; i < length; i++) {
                float even = y0[i] + y2[i];
                float odd = y1[i] + y3[i];
                float evenTwo = y0[i] + 4 * y2[i];
                float oddTwo = 2 * y1[i] + 8 * y3[i];
                m0[i] = y0[i];
                m1[i] = even + odd;
                m2[i] = even - odd;
                m3[i] = evenTwo + oddTwo;
                m4[i] = evenTwo - oddTwo;
                m5[i] = y3[i];
            }
        }
    },

    /** B: six points to six values of the input's gradient, to the first two of which the last two rows are added. */
    INPUT_GRADIENT(8, 6) {
        @Override
        void apply(float[][] from, float[][] to, int length) {
            float[] m0 = from[0], m1 = from[1], m2 = from[2], m3 = from[3], m4 = from[4], m5 = from[5];
            float[] before0 = from[6], before1 = from[7];
            float[] x0 = to[0], x1 = to[1], x2 = to[2], x3 = to[3], x4 = to[4], x5 = to[5];
            for (int i = 0; i < length; i++) {
                float even = m1[i] + m2[i];
                float odd = m1[i] - m2[i];
                float evenTwo = m3[i] + m4[i];
                float oddTwo = 2 * (m3[i] - m4[i]);
                x0[i] = before0[i] + 4 * m0[i];
                x1[i] = before1[i] - 4 * odd - oddTwo + 4 * m5[i];
                x2[i] = -5 * m0[i] - 4 * even - evenTwo;
                x3[i] = odd + oddTwo - 5 * m5[i];
                x4[i] = m0[i] + even + evenTwo;
                x5[i] = m5[i];
            }
        }
    };

    /** Outputs of a tile. */
    static final int OUTPUTS = 4;

    /** Products for a tile, and inputs of a tile: one before its outputs and one behind them. */
    static final int POINTS = 6;

    /** Rows of this length, as many as a map reads and writes, stay in the fastest cache. */
    private static final int ROW = 512;

    private final int inputs;
    private final int outputs;

    WinogradTransform(int inputs, int outputs) {
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** The number of rows that it reads. */
    int inputs() {
        return inputs;
    }

    /** Computes {@code to} from {@code from}: the first {@code length} values of each row. */
    abstract void apply(float[][] from, float[][] to, int length);

    /** Planes of numbers of the same length that a map reads and writes; null for one that is zero, or not needed. */
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
            float[][] from = new float[inputs][ROW];
            float[][] to = new float[outputs][ROW];
            int end = Math.min(length, (i + 1) * part);
            for (PlaneMap map : maps) {
                for (int start = i * part; start < end; start += ROW) {
                    apply(map, from, to, start, Math.min(ROW, end - start));
                }
            }
        });
    }

    private void apply(PlaneMap map, float[][] from, float[][] to, int start, int length) {
        for (int j = 0; j < inputs; j++) {
            if (map.from[j] == null) {
                Arrays.fill(from[j], 0);
            } else {
                map.from[j].get(start, from[j], 0, length);
            }
        }
        apply(from, to, length);
        for (int j = 0; j < outputs; j++) {
            if (map.to[j] != null) {
                map.to[j].put(start, to[j], 0, length);
            }
        }
    }
}
