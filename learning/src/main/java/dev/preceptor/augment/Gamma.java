package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * Gamma transform (nnU-Net): intensities, scaled to 0 to 1 between minimum and maximum, are raised to a power; then mean and
 * standard deviation of the sequence are restored. Inverted, it applies to the negated sequence. The power is a polynomial
 * ({@link PowerPolynomial}) with an error below 2e-6 of the range.
 *
 * @param power above 0; 1 changes nothing
 * @param inverted whether to transform the negated sequence
 */
record Gamma(double power, boolean inverted) implements IntensityTransform {
    /** Ranges and standard deviations below this count as 0. */
    private static final double SMALLEST = 1e-7;

    static Gamma draw(TransformSettings settings, Size size, RandomSource random) {
        return new Gamma(settings.drawFactor(random), false);
    }

    static Gamma drawInverted(TransformSettings settings, Size size, RandomSource random) {
        return new Gamma(settings.drawFactor(random), true);
    }

    @Override
    public void apply(DeferredChannel channel) {
        ChannelMoments before = channel.moments();
        float range = before.maximum() - before.minimum();
        if (!(range > SMALLEST)) {
            return;
        }
        PowerPolynomial polynomial =
                PowerPolynomial.of(power, inverted ? before.maximum() : before.minimum(), inverted ? -range : range);
        float[] spare = new float[DeferredChannel.largestBlock(channel.size())];
        channel.then((block, length, row) -> polynomial.apply(block, length, spare));
        ChannelMoments after = channel.moments();
        float factor = (float) (before.deviation() / Math.max(after.deviation(), SMALLEST));
        float shift = (float) (before.mean() - after.mean() * factor);
        channel.then((block, length, row) -> restore(block, length, factor, shift));
    }

    private static void restore(float[] values, int length, float factor, float shift) {
        for (int i = 0; i < length; i++) {
            values[i] = values[i] * factor + shift;
        }
    }
}
