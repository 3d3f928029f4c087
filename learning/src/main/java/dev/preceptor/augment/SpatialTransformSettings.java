package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;

/**
 * How often and how far the place is changed from which a patch is taken.
 *
 * @param probability that a patch is chosen, 0 to 1
 * @param from the least strength, in the unit of the change
 * @param to the greatest
 */
public record SpatialTransformSettings(double probability, double from, double to) {
    /** A strength, uniform between the bounds. */
    double draw(RandomSource randomSource) {
        return randomSource.uniform(from, to);
    }
}
