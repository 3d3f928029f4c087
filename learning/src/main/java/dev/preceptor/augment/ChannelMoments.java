package dev.preceptor.augment;

import java.util.Arrays;

/**
 * Accumulates mean, standard deviation and range of voxels block by block: 512 independent sums, so that loops vectorise, in
 * float32 over 32 blocks and in double precision from there. Not thread-safe.
 */
final class ChannelMoments {
    private static final int LANES = 512;

    /** Blocks that are accumulated in float32. */
    private static final int FLOAT_BLOCKS = 32;

    private final float origin;
    private final float[] sums = new float[LANES];
    private final float[] squares = new float[LANES];
    private final float[] minimum = new float[LANES];
    private final float[] maximum = new float[LANES];
    private int pending;
    private long count;
    private double sum;
    private double square;

    /** @param origin about which squares are computed; one of the values */
    ChannelMoments(float origin) {
        this.origin = origin;
        Arrays.fill(minimum, origin);
        Arrays.fill(maximum, origin);
    }

    static ChannelMoments of(Channel channel) {
        ChannelMoments moments = new ChannelMoments(channel.values()[channel.start()]);
        for (int from = channel.start(); from < channel.end(); from += LANES) {
            int length = Math.min(LANES, channel.end() - from);
            moments.add(channel.values(), from, length);
            moments.addRange(channel.values(), from, length);
        }
        return moments;
    }

    /** Adds up to 512 values to mean and standard deviation. */
    void add(float[] values, int from, int length) {
        add(values, from, length, origin, sums);
        addSquares(values, from, length, origin, squares);
        count += length;
        if (++pending == FLOAT_BLOCKS) {
            flush();
        }
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

    private void addRange(float[] values, int from, int length) {
        for (int i = 0; i < length; i++) {
            float value = values[from + i];
            minimum[i] = value < minimum[i] ? value : minimum[i];
        }
        for (int i = 0; i < length; i++) {
            float value = values[from + i];
            maximum[i] = value > maximum[i] ? value : maximum[i];
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
        float low = origin;
        for (float value : minimum) {
            low = Math.min(low, value);
        }
        return low;
    }

    float maximum() {
        float high = origin;
        for (float value : maximum) {
            high = Math.max(high, value);
        }
        return high;
    }
}
