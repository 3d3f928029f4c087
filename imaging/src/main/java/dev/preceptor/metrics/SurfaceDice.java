package dev.preceptor.metrics;

/**
 * Normalised surface Dice: the fraction of both surfaces, by area, that lies within a tolerance of the other surface, as
 * DeepMind's surface distances compute it (Nikolov et al., arXiv 1809.04430).
 *
 * @param toleranceMm in millimetres, at least 0; a distance equal to it is within the tolerance
 * @param value from 0 to 1; NaN if the convention leaves it undefined
 */
public record SurfaceDice(double toleranceMm, double value) {}
