package dev.preceptor.statistics;

import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.Quantile;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * The percentile bootstrap (Efron, Annals of Statistics 1979): subjects are drawn anew with replacement, and the middle of
 * what comes out is the interval. The same seed gives the same interval, and the same draws to samples of the same size.
 *
 * @param resamples how often subjects are drawn
 * @param level how much of the middle the interval holds, between 0 and 1
 * @param seed of the draws
 */
public record Bootstrap(int resamples, double level, long seed) {
    /** Ten thousand draws, 95 %, seed 1. */
    public static final Bootstrap DEFAULT = new Bootstrap(10_000, 0.95, 1);

    public Bootstrap {
        if (resamples < 1 || !(level > 0 && level < 1)) {
            throw new IllegalArgumentException("bootstrap with " + resamples + " draws at level " + level);
        }
    }

    /** Of the mean. */
    public Interval ofMean(double[] values) {
        return of(
                values.length,
                drawn -> Arrays.stream(drawn)
                        .mapToDouble(i -> values[i])
                        .average()
                        .orElseThrow());
    }

    /**
     * Of any figure.
     *
     * @param count how many subjects there are
     * @param figure of the drawn subjects, by index; where it is NaN or infinite the draw is left out
     */
    public Interval of(int count, ToDoubleFunction<int[]> figure) {
        if (count < 2) {
            return Interval.NONE;
        }
        SplittableRandom random = new RandomStreams(seed).stream("bootstrap");
        double[] figures = new double[resamples];
        int[] drawn = new int[count];
        int kept = 0;
        for (int r = 0; r < resamples; r++) {
            for (int i = 0; i < count; i++) {
                drawn[i] = random.nextInt(count);
            }
            double value = figure.applyAsDouble(drawn);
            if (Double.isFinite(value)) {
                figures[kept++] = value;
            }
        }
        if (kept == 0) {
            return Interval.NONE;
        }
        double[] sorted = Arrays.copyOf(figures, kept);
        Arrays.sort(sorted);
        double tail = (1 - level) / 2;
        return new Interval(Quantile.of(sorted, tail), Quantile.of(sorted, 1 - tail));
    }
}
