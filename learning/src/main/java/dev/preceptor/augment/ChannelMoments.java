package dev.preceptor.augment;

import java.util.Arrays;

/**
 * Accumulates mean, standard deviation and range of voxels block by block: one sum for each place in a block, so that the loop
 * vectorises, in float32 over 32 blocks and in double precision from there. Not thread-safe.
 */
final class ChannelMoments {
    /** Blocks that are accumulated in float32. */
    private static final int FLOAT_BLOCKS = 32;

    private final float[] sums;
    private final float[] squares;
    private final float[] minimum;
    private final float[] maximum;
    /** About which squares are computed: the first value, so that a constant has no deviation. */
    private float origin;

    private int pending;
    private long count;
    private double sum;
    private double square;

    /** @param largest number of values of a block, at most */
    ChannelMoments(int largest) {
        this.sums = new float[largest];
        this.squares = new float[largest];
        this.minimum = new float[largest];
        this.maximum = new float[largest];
        Arrays.fill(minimum, Float.POSITIVE_INFINITY);
        Arrays.fill(maximum, Float.NEGATIVE_INFINITY);
    }

    /** Adds the first values of an array. */
    void add(float[] block, int length) {
        if (count == 0) {
            origin = block[0];
        }
        add(block, length, origin, sums, squares);
        extend(block, length, minimum, maximum);
        count += length;
        if (++pending == FLOAT_BLOCKS) {
            flush();
        }
    }

    private static void add(float[] block, int length, float origin, float[] sums, float[] squares) {
        for (int i = 0; i < length; i++) {
            float centred = block[i] - origin;
            sums[i] += centred;
            squares[i] += centred * centred;
        }
    }

    private static void extend(float[] block, int length, float[] minimum, float[] maximum) {
        for (int i = 0; i < length; i++) {
            minimum[i] = Math.min(minimum[i], block[i]);
            maximum[i] = Math.max(maximum[i], block[i]);
        }
    }

    /** Moves the float32 sums into the sums in double precision. */
    private void flush() {
        for (int i = 0; i < sums.length; i++) {
            sum += sums[i];
            square += squares[i];
        }
        Arrays.fill(sums, 0);
        Arrays.fill(squares, 0);
        pending = 0;
    }

    double mean() {
        flush();
        return origin + sum / count;
    }

    /** The population standard deviation. */
    double deviation() {
        flush();
        double mean = sum / count;
        return Math.sqrt(Math.max(square / count - mean * mean, 0));
    }

    float minimum() {
        float low = minimum[0];
        for (float value : minimum) {
            low = Math.min(low, value);
        }
        return low;
    }

    float maximum() {
        float high = maximum[0];
        for (float value : maximum) {
            high = Math.max(high, value);
        }
        return high;
    }
}
