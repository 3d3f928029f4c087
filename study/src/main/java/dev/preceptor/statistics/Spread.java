package dev.preceptor.statistics;

import java.util.List;

/**
 * A mean and a standard deviation.
 *
 * @param mean of the present values; NaN if there is none
 * @param deviation sample standard deviation; NaN for fewer than two values
 */
public record Spread(double mean, double deviation) {
    /** Mean and deviation of some values; NaN counts as absent. */
    public static Spread of(List<Double> values) {
        double[] present =
                values.stream().filter(v -> !v.isNaN()).mapToDouble(v -> v).toArray();
        double sum = 0;
        for (double v : present) {
            sum += v;
        }
        double mean = present.length == 0 ? Double.NaN : sum / present.length;
        double squares = 0;
        for (double v : present) {
            squares += (v - mean) * (v - mean);
        }
        double deviation = present.length < 2 ? Double.NaN : Math.sqrt(squares / (present.length - 1));
        return new Spread(mean, deviation);
    }
}
