package dev.preceptor.base;

import java.util.SplittableRandom;

/**
 * Draws from distributions, from the one method of {@link SplittableRandom} whose output is the same in every Java version.
 * Not thread-safe.
 */
public final class RandomSource {
    private final SplittableRandom random;
    private double spare = Double.NaN;

    public RandomSource(SplittableRandom random) {
        this.random = random;
    }

    /** Uniform in [low, high). */
    public double uniform(double low, double high) {
        return low + (high - low) * unit();
    }

    /** True with this probability. */
    public boolean chance(double probability) {
        return unit() < probability;
    }

    /** Uniform in 0 to bound - 1. */
    public int below(int bound) {
        return (int) (unit() * bound);
    }

    /** 64 random bits. */
    public long bits() {
        return random.nextLong();
    }

    /** Standard normal, by Marsaglia's polar method. */
    public double normal() {
        if (!Double.isNaN(spare)) {
            double kept = spare;
            spare = Double.NaN;
            return kept;
        }
        double u;
        double v;
        double s;
        do {
            u = 2 * unit() - 1;
            v = 2 * unit() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        double factor = Math.sqrt(-2 * StrictMath.log(s) / s);
        spare = v * factor;
        return u * factor;
    }

    /** Normal, cut at two and a half standard deviations so that no patient is a monster. */
    public double normal(double mean, double deviation) {
        return mean + deviation * Math.max(-2.5, Math.min(2.5, normal()));
    }

    /** Log-normal with this median, cut like {@link #normal(double, double)}. */
    public double logNormal(double median, double sigma) {
        return median * StrictMath.exp(normal(0, sigma));
    }

    private double unit() {
        return (random.nextLong() >>> 11) * 0x1.0p-53;
    }
}
