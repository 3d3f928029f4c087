package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;

/**
 * Probability and strength of one intensity transform.
 *
 * @param probability that a patch is transformed, 0 to 1
 * @param from minimum of the strength, in the unit of the transform
 * @param to maximum of the strength
 * @param perSequence probability that a sequence of such a patch is transformed, 0 to 1; each draws its own strength
 */
public record TransformSettings(double probability, double from, double to, double perSequence) {
    /** A strength, uniform from {@code from} to {@code to}. */
    double draw(RandomSource random) {
        return random.uniform(from, to);
    }

    /** A factor: below and above 1 with equal probability if the bounds allow both, uniform on each side (nnU-Net). */
    double drawFactor(RandomSource random) {
        if (from >= 1 || to <= 1) {
            return draw(random);
        }
        return random.chance(0.5) ? random.uniform(from, 1) : random.uniform(1, to);
    }
}
