package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Intensities between the least and the greatest bent by a power, after which the sequence has the mean and the spread that
 * it had (nnU-Net). Inverted, the power bends from the bright end. Powers are read from a table; the error is below 1e-5 of
 * the range.
 *
 * @param power above 0; 1 changes nothing
 * @param inverted whether the negative of the sequence is bent
 */
record Gamma(double power, boolean inverted) implements IntensityTransform {
    private static final int STEPS = 4096;
    private static final int STRETCH = 512;

    /** A spread below this is none. */
    private static final double SMALLEST = 1e-7;

    static Gamma draw(TransformSettings transformSettings, Size size, RandomSource randomSource) {
        return new Gamma(transformSettings.drawFactor(randomSource), false);
    }

    static Gamma drawInverted(TransformSettings transformSettings, Size size, RandomSource randomSource) {
        return new Gamma(transformSettings.drawFactor(randomSource), true);
    }

    @Override
    public void apply(Channel channel) {
        ChannelMoments before = ChannelMoments.of(channel);
        float range = before.greatest() - before.least();
        if (!(range > SMALLEST)) {
            return;
        }
        ChannelMoments after = bend(channel, inverted ? before.greatest() : before.least(), inverted ? -range : range);
        float factor = (float) (before.deviation() / Math.max(after.deviation(), SMALLEST));
        float shift = (float) (before.mean() - after.mean() * factor);
        float[] values = channel.values();
        int end = channel.end();
        for (int i = channel.start(); i < end; i++) {
            values[i] = values[i] * factor + shift;
        }
    }

    /** Stretch by stretch, each while the cache holds it. */
    private ChannelMoments bend(Channel channel, float origin, float range) {
        float[] table = table();
        float[] values = channel.values();
        float[] places = new float[STRETCH];
        ChannelMoments channelMoments = new ChannelMoments(origin);
        for (int start = channel.start(); start < channel.end(); start += STRETCH) {
            int length = Math.min(STRETCH, channel.end() - start);
            places(values, start, length, origin, 1 / range, places);
            look(table, places, values, start, length);
            for (int i = 0; i < length; i++) {
                values[start + i] = values[start + i] * range + origin;
            }
            channelMoments.add(values, start, length);
        }
        return channelMoments;
    }

    private static void look(float[] table, float[] places, float[] values, int start, int length) {
        for (int i = 0; i < length; i++) {
            float place = places[i];
            int step = Math.min((int) place, STEPS - 1);
            float below = table[step];
            values[start + i] = below + (place - step) * (table[step + 1] - below);
        }
    }

    /** Where values stand in the table. */
    private static void places(float[] values, int start, int length, float origin, float scale, float[] places) {
        for (int i = 0; i < length; i++) {
            float share = (values[start + i] - origin) * scale;
            places[i] = share < 0 ? 0 : share;
        }
        for (int i = 0; i < length; i++) {
            places[i] = STEPS * (float) Math.sqrt(places[i]);
        }
    }

    /** The powers by the square root of what is raised: at 0 a power below 1 is too steep for a table of its own argument. */
    private float[] table() {
        float[] table = new float[STEPS + 1];
        for (int i = 0; i <= STEPS; i++) {
            table[i] = (float) Math.pow((double) i / STEPS, 2 * power);
        }
        return table;
    }
}
