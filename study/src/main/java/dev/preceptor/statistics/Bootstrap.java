package dev.preceptor.statistics;

import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.Quantile;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * The percentile bootstrap (Efron, Annals of Statistics 1979): subjects are resampled with replacement, and the interval lies
 * between two percentiles of the statistic. The same seed gives the same interval, and samples of one size get the same draws.
 *
 * @param resamples count of resamples, at least 1
 * @param level coverage of the interval, between 0 and 1
 * @param seed of the draws
 */
public record Bootstrap(int resamples, double level, long seed) {
    /** Ten thousand resamples, 95 %, seed 1. */
    public static final Bootstrap DEFAULTS = new Bootstrap(10_000, 0.95, 1);

    public Bootstrap {
        if (resamples < 1 || !(level > 0 && level < 1)) {
            throw new IllegalArgumentException("bootstrap with " + resamples + " draws at level " + level);
        }
    }

    /** The interval of the mean; {@link Interval#NONE} for fewer than two values. */
    public Interval ofMean(double[] values) {
        return of(
                values.length,
                drawn -> Arrays.stream(drawn)
                        .mapToDouble(i -> values[i])
                        .average()
                        .orElseThrow());
    }

    /**
     * The interval of a statistic; {@link Interval#NONE} for fewer than two subjects.
     *
     * @param count of subjects
     * @param statistic of the drawn subjects, by index; resamples for which it is NaN or infinite are left out
     */
    public Interval of(int count, ToDoubleFunction<int[]> statistic) {
        if (count < 2) {
            return Interval.NONE;
        }
        SplittableRandom random = new RandomStreams(seed).stream("bootstrap");
        double[] values = new double[resamples];
        int[] drawn = new int[count];
        int finite = 0;
        for (int r = 0; r < resamples; r++) {
            for (int i = 0; i < count; i++) {
                drawn[i] = random.nextInt(count);
            }
            double value = statistic.applyAsDouble(drawn);
            if (Double.isFinite(value)) {
                values[finite++] = value;
            }
        }
        if (finite == 0) {
            return Interval.NONE;
        }
        double[] sorted = Arrays.copyOf(values, finite);
        Arrays.sort(sorted);
        double tail = (1 - level) / 2;
        return new Interval(Quantile.of(sorted, tail), Quantile.of(sorted, 1 - tail));
    }
}
