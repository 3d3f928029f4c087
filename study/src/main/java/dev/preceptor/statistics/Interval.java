package dev.preceptor.statistics;

/**
 * From where to where a figure may lie.
 *
 * @param low lower end; NaN if there are fewer than two values
 * @param high upper end
 */
public record Interval(double low, double high) {
    /** Of nothing. */
    public static final Interval NONE = new Interval(Double.NaN, Double.NaN);
}
