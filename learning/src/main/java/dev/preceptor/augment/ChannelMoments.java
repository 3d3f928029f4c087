package dev.preceptor.augment;

import java.util.Arrays;

/**
 * Accumulates mean, standard deviation and range of voxels: 512 independent sums, so that loops vectorise, in float32 over 32
 * blocks of 512 and in double precision from there. Not thread-safe.
 */
final class ChannelMoments {
    private static final int LANES = 512;

    /** Blocks that are accumulated in float32. */
    private static final int FLOAT_BLOCKS = 32;

    private final float[] sums = new float[LANES];
    private final float[] squares = new float[LANES];
    private final float[] minimum = new float[LANES];
    private final float[] maximum = new float[LANES];
    /** About which squares are computed: the first value, so that a constant has no deviation. */
    private float origin;

    private int pending;
    private long count;
    private double sum;
    private double square;

    ChannelMoments() {
        Arrays.fill(minimum, Float.POSITIVE_INFINITY);
        Arrays.fill(maximum, Float.NEGATIVE_INFINITY);
    }

    static ChannelMoments of(Channel channel) {
        ChannelMoments moments = new ChannelMoments();
        moments.add(channel.values(), channel.start(), channel.size().voxels());
        return moments;
    }

    /** Adds values. */
    void add(float[] values, int from, int length) {
        if (count == 0 && length > 0) {
            origin = values[from];
        }
        for (int begin = 0; begin < length; begin += LANES) {
            int block = Math.min(LANES, length - begin);
            add(values, from + begin, block, origin, sums);
            addSquares(values, from + begin, block, origin, squares);
            lower(values, from + begin, block, minimum);
            raise(values, from + begin, block, maximum);
            if (++pending == FLOAT_BLOCKS) {
                flush();
            }
        }
        count += length;
    }

    private static void add(float[] values, int from, int length, float origin, float[] sums) {
        for (int i = 0; i < length; i++) {
            sums[i] += values[from + i] - origin;
        }
    }

    private static void addSquares(float[] values, int from, int length, float origin, float[] squares) {
        for (int i = 0; i < length; i++) {
            float centred = values[from + i] - origin;
            squares[i] += centred * centred;
        }
    }

    private static void lower(float[] values, int from, int length, float[] minimum) {
        for (int i = 0; i < length; i++) {
            minimum[i] = Math.min(minimum[i], values[from + i]);
        }
    }

    private static void raise(float[] values, int from, int length, float[] maximum) {
        for (int i = 0; i < length; i++) {
            maximum[i] = Math.max(maximum[i], values[from + i]);
        }
    }

    /** Moves the float32 sums into the sums in double precision. */
    private void flush() {
        for (int i = 0; i < LANES; i++) {
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
