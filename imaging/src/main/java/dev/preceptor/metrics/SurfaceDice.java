package dev.preceptor.metrics;

/**
 * Normalised surface Dice: the share of both surfaces, by area, that lies within a tolerance of the other, as DeepMind's surface
 * distances compute it (Nikolov et al., arXiv 1809.04430).
 *
 * @param toleranceMm in millimetres, at least 0; a distance equal to it is within
 * @param value between 0 and 1; NaN where the convention leaves it undefined
 */
public record SurfaceDice(double toleranceMm, double value) {}
