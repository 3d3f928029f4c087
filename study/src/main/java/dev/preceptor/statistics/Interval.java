package dev.preceptor.statistics;

/**
 * A confidence interval.
 *
 * @param low lower end; NaN if there are fewer than two values
 * @param high upper end; NaN likewise
 */
public record Interval(double low, double high) {
    /** The interval of fewer than two values. */
    public static final Interval NONE = new Interval(Double.NaN, Double.NaN);
}
