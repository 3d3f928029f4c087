package dev.preceptor.volume;

import java.util.function.IntToDoubleFunction;

/**
 * Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, The American Statistician 50,
 * 1996; the default of NumPy). Stateless, thread-safe.
 */
public final class Quantile {
    private Quantile() {}

    /**
     * @param sorted at least one value, in ascending order
     * @param q the quantile, from 0 to 1 (inclusive)
     */
    public static double of(double[] sorted, double q) {
        return of(sorted.length, i -> sorted[i], q);
    }

    private static double of(int count, IntToDoubleFunction sorted, double q) {
        double position = q * (count - 1);
        int below = (int) Math.floor(position);
        double lower = sorted.applyAsDouble(below);
        double upper = sorted.applyAsDouble(Math.min(below + 1, count - 1));
        return lower + (position - below) * (upper - lower);
    }

    /**
     * @param sorted at least one value, in ascending order
     * @param q the quantile, from 0 to 1 (inclusive)
     */
    public static double of(float[] sorted, double q) {
        return of(sorted.length, i -> sorted[i], q);
    }
}
