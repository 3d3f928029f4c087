package dev.preceptor.base;

import java.util.SplittableRandom;

/**
 * Draws from uniform and normal distributions. It uses only {@link SplittableRandom#nextLong}, whose output is the same
 * in every Java version, and {@link StrictMath}, so that the numbers are the same on every machine. Not thread-safe.
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

    /** True with the given probability, a number in [0, 1]. */
    public boolean chance(double probability) {
        return unit() < probability;
    }

    /** A uniform integer from 0 (inclusive) to {@code bound} (exclusive). */
    public int below(int bound) {
        return (int) (unit() * bound);
    }

    /** 64 random bits. */
    public long bits() {
        return random.nextLong();
    }

    /** Standard normal, by the polar method (Marsaglia and Bray, SIAM Review 6, 1964). */
    public double normal() {
        if (!Double.isNaN(spare)) {
            double value = spare;
            spare = Double.NaN;
            return value;
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

    /**
     * Normal with the given mean and standard deviation, clamped to 2.5 standard deviations so that no drawn value is
     * extreme.
     */
    public double normal(double mean, double deviation) {
        return mean + deviation * Math.max(-2.5, Math.min(2.5, normal()));
    }

    /**
     * Log-normal with the given median; {@code sigma} is the standard deviation of the logarithm, clamped like {@link
     * #normal(double, double)}.
     */
    public double logNormal(double median, double sigma) {
        return median * StrictMath.exp(normal(0, sigma));
    }

    /** Uniform in [0, 1), with 53 random bits. */
    private double unit() {
        return (random.nextLong() >>> 11) * 0x1.0p-53;
    }
}
