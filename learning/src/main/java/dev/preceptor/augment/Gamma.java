package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Gamma transform (nnU-Net): intensities, scaled to 0 to 1 between minimum and maximum, are raised to a power; then mean and
 * standard deviation of the sequence are restored. Inverted, it applies to the negated sequence. Powers are interpolated in a
 * table, with an error below 1e-5 of the range.
 *
 * @param power above 0; 1 changes nothing
 * @param inverted whether to transform the negated sequence
 */
record Gamma(double power, boolean inverted) implements IntensityTransform {
    private static final int STEPS = 4096;
    private static final int BLOCK = 512;

    /** Ranges and standard deviations below this count as 0. */
    private static final double SMALLEST = 1e-7;

    static Gamma draw(TransformSettings settings, Size size, RandomSource random) {
        return new Gamma(settings.drawFactor(random), false);
    }

    static Gamma drawInverted(TransformSettings settings, Size size, RandomSource random) {
        return new Gamma(settings.drawFactor(random), true);
    }

    @Override
    public void apply(Channel channel) {
        ChannelMoments before = ChannelMoments.of(channel);
        float range = before.maximum() - before.minimum();
        if (!(range > SMALLEST)) {
            return;
        }
        ChannelMoments after =
                raise(channel, inverted ? before.maximum() : before.minimum(), inverted ? -range : range);
        float factor = (float) (before.deviation() / Math.max(after.deviation(), SMALLEST));
        float shift = (float) (before.mean() - after.mean() * factor);
        float[] values = channel.values();
        int end = channel.end();
        for (int i = channel.start(); i < end; i++) {
            values[i] = values[i] * factor + shift;
        }
    }

    /** Raises to the power block by block, so that each block stays in the cache. */
    private ChannelMoments raise(Channel channel, float origin, float range) {
        float[] table = table();
        float[] values = channel.values();
        float[] positions = new float[BLOCK];
        ChannelMoments moments = new ChannelMoments(origin);
        for (int start = channel.start(); start < channel.end(); start += BLOCK) {
            int length = Math.min(BLOCK, channel.end() - start);
            positions(values, start, length, origin, 1 / range, positions);
            interpolate(table, positions, values, start, length);
            for (int i = 0; i < length; i++) {
                values[start + i] = values[start + i] * range + origin;
            }
            moments.add(values, start, length);
        }
        return moments;
    }

    private static void interpolate(float[] table, float[] positions, float[] values, int start, int length) {
        for (int i = 0; i < length; i++) {
            float position = positions[i];
            int step = Math.min((int) position, STEPS - 1);
            float below = table[step];
            values[start + i] = below + (position - step) * (table[step + 1] - below);
        }
    }

    /** The positions of values in the table. */
    private static void positions(float[] values, int start, int length, float origin, float scale, float[] positions) {
        for (int i = 0; i < length; i++) {
            float scaled = (values[start + i] - origin) * scale;
            positions[i] = scaled < 0 ? 0 : scaled;
        }
        for (int i = 0; i < length; i++) {
            positions[i] = STEPS * (float) Math.sqrt(positions[i]);
        }
    }

    /** Powers of t by sqrt(t): near 0 a power below 1 is too steep to interpolate by t. */
    private float[] table() {
        float[] table = new float[STEPS + 1];
        for (int i = 0; i <= STEPS; i++) {
            table[i] = (float) Math.pow((double) i / STEPS, 2 * power);
        }
        return table;
    }
}
