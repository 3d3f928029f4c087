package dev.preceptor.augment;

import java.util.Arrays;

/**
 * Mean, spread and range of voxels, added up stretch by stretch: many sums side by side, so that none waits for the one before,
 * in single precision for a while and then in double. Not thread-safe.
 */
final class ChannelMoments {
    private static final int LANES = 512;

    /** Stretches that are added in single precision. */
    private static final int PATIENCE = 32;

    private final float origin;
    private final float[] sums = new float[LANES];
    private final float[] squares = new float[LANES];
    private final float[] least = new float[LANES];
    private final float[] greatest = new float[LANES];
    private int pending;
    private long count;
    private double sum;
    private double square;

    /** @param origin about which squares are taken, some value of those to come */
    ChannelMoments(float origin) {
        this.origin = origin;
        Arrays.fill(least, origin);
        Arrays.fill(greatest, origin);
    }

    static ChannelMoments of(Channel channel) {
        ChannelMoments channelMoments = new ChannelMoments(channel.values()[channel.start()]);
        for (int from = channel.start(); from < channel.end(); from += LANES) {
            int length = Math.min(LANES, channel.end() - from);
            channelMoments.add(channel.values(), from, length);
            channelMoments.bound(channel.values(), from, length);
        }
        return channelMoments;
    }

    /** Counts up to 512 values in for mean and spread. */
    void add(float[] values, int from, int length) {
        add(values, from, length, origin, sums);
        addSquares(values, from, length, origin, squares);
        count += length;
        if (++pending == PATIENCE) {
            settle();
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

    private void bound(float[] values, int from, int length) {
        for (int i = 0; i < length; i++) {
            float value = values[from + i];
            least[i] = value < least[i] ? value : least[i];
        }
        for (int i = 0; i < length; i++) {
            float value = values[from + i];
            greatest[i] = value > greatest[i] ? value : greatest[i];
        }
    }

    private void settle() {
        for (int i = 0; i < LANES; i++) {
            sum += sums[i];
            square += squares[i];
        }
        Arrays.fill(sums, 0);
        Arrays.fill(squares, 0);
        pending = 0;
    }

    double mean() {
        settle();
        return origin + sum / count;
    }

    /** The standard deviation, dividing by the count. */
    double deviation() {
        settle();
        double mean = sum / count;
        return Math.sqrt(Math.max(square / count - mean * mean, 0));
    }

    float least() {
        float low = origin;
        for (float value : least) {
            low = Math.min(low, value);
        }
        return low;
    }

    float greatest() {
        float high = origin;
        for (float value : greatest) {
            high = Math.max(high, value);
        }
        return high;
    }
}
