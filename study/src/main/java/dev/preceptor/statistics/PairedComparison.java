package dev.preceptor.statistics;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.apache.commons.statistics.inference.WilcoxonSignedRankTest;

/**
 * A comparison of two methods on the same subjects.
 *
 * <p>The test is Wilcoxon's signed-rank test, two-sided: subjects without a difference are left out; exact where at most 50 are
 * left and no two differ by the same size, else the normal approximation with corrections for ties and continuity. R and SciPy
 * choose differently by default: R is exact up to 49 subjects, and approximates if one has no difference; SciPy does not correct for
 * continuity. The effect sizes are positive where the first method is better.
 *
 * @param count of subjects with a value in both methods
 * @param difference mean of first minus second, in the unit of the score; NaN without subjects
 * @param interval of that mean, by bootstrap over the subjects
 * @param wins subjects in which the first is better
 * @param ties subjects in which they are equal
 * @param losses subjects in which the second is better
 * @param p of the test; 1 if all are equal, NaN without subjects
 * @param rankBiserial matched-pairs rank-biserial correlation (Kerby, Comprehensive Psychology 2014), -1 to 1: the share of
 *     the rank sum in favour of the first minus the share against it; 0 if all are equal
 * @param cohenDz mean difference over the standard deviation of the differences; NaN where that is 0 or unknown
 */
public record PairedComparison(
        int count,
        double difference,
        Interval interval,
        int wins,
        int ties,
        int losses,
        double p,
        double rankBiserial,
        double cohenDz) {

    /**
     * Compares two methods.
     *
     * @param first a value for each subject; NaN counts as absent
     * @param second values of the other method, in the same order
     * @param higherIsBetter whether a higher value is better
     */
    public static PairedComparison of(double[] first, double[] second, boolean higherIsBetter, Bootstrap bootstrap) {
        if (first.length != second.length) {
            throw new IllegalArgumentException(first.length + " values against " + second.length);
        }
        double[] raw = new double[first.length];
        Arrays.setAll(raw, i -> first[i] - second[i]);
        double[] differences = Arrays.stream(raw).filter(d -> !Double.isNaN(d)).toArray();
        double sign = higherIsBetter ? 1 : -1;
        double[] gains = Arrays.stream(differences)
                .map(d -> sign * d)
                .filter(g -> g != 0)
                .toArray();
        int wins = (int) Arrays.stream(gains).filter(g -> g > 0).count();
        Spread spread = Spread.of(DoubleStream.of(differences).boxed().toList());
        return new PairedComparison(
                differences.length,
                spread.mean(),
                bootstrap.ofMean(differences),
                wins,
                differences.length - gains.length,
                gains.length - wins,
                differences.length == 0 ? Double.NaN : p(gains),
                differences.length == 0 ? Double.NaN : rankBiserial(gains),
                spread.deviation() > 0 ? sign * spread.mean() / spread.deviation() : Double.NaN);
    }

    private static double p(double[] gains) {
        return gains.length == 0
                ? 1
                : WilcoxonSignedRankTest.withDefaults().test(gains).getPValue();
    }

    private static double rankBiserial(double[] gains) {
        double ranks = gains.length * (gains.length + 1.0) / 2;
        return gains.length == 0 ? 0 : 2 * WilcoxonSignedRankTest.withDefaults().statistic(gains) / ranks - 1;
    }
}
