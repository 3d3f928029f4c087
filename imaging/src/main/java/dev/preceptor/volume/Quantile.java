package dev.preceptor.volume;

/** Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan; NumPy's default). Stateless. */
public final class Quantile {
    private Quantile() {}

    /**
     * @param sorted values in ascending order, at least one
     * @param q between 0 and 1
     */
    public static double of(double[] sorted, double q) {
        double position = q * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /**
     * @param sorted values in ascending order, at least one
     * @param q between 0 and 1
     */
    public static double of(float[] sorted, double q) {
        double position = q * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * ((double) sorted[above] - sorted[below]);
    }
}
