package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;

/**
 * Probability and strength of one spatial transform.
 *
 * @param probability that a patch is transformed, 0 to 1
 * @param from minimum of the strength, in the unit of the transform
 * @param to maximum of the strength
 */
public record SpatialTransformSettings(double probability, double from, double to) {
    /** A strength, uniform from {@code from} to {@code to}. */
    double draw(RandomSource random) {
        return random.uniform(from, to);
    }
}
