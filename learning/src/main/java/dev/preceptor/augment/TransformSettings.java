package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;

/**
 * How often and how strongly intensities are changed.
 *
 * @param probability that a patch is chosen, 0 to 1
 * @param from the least strength, in the unit of the change
 * @param to the greatest
 * @param perSequence probability that a sequence of a chosen patch is changed, each with a strength of its own, 0 to 1
 */
public record TransformSettings(double probability, double from, double to, double perSequence) {
    /** A strength, uniform between the bounds. */
    double draw(RandomSource randomSource) {
        return randomSource.uniform(from, to);
    }

    /** A factor: below 1 and above 1 equally often where the bounds allow both, and uniform on its side (nnU-Net). */
    double drawFactor(RandomSource randomSource) {
        if (from >= 1 || to <= 1) {
            return draw(randomSource);
        }
        return randomSource.chance(0.5) ? randomSource.uniform(from, 1) : randomSource.uniform(1, to);
    }
}
