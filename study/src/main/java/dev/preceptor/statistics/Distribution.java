package dev.preceptor.statistics;

import dev.preceptor.volume.Quantile;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Statistics of a score over subjects, one value each.
 *
 * @param count of subjects with a value
 * @param mean NaN if none has
 * @param deviation sample standard deviation; NaN for fewer than two
 * @param median NaN if none has
 * @param interval of the mean, by bootstrap over the subjects
 */
public record Distribution(int count, double mean, double deviation, double median, Interval interval) {
    /** The statistics of some values; NaN counts as absent. */
    public static Distribution of(double[] values, Bootstrap bootstrap) {
        double[] present =
                Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
        Spread spread = Spread.of(DoubleStream.of(present).boxed().toList());
        return new Distribution(
                present.length,
                spread.mean(),
                spread.deviation(),
                present.length == 0 ? Double.NaN : Quantile.of(present, 0.5),
                bootstrap.ofMean(present));
    }
}
