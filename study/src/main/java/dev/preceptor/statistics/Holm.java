package dev.preceptor.statistics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The step-down correction of a family of tests (Holm, Scandinavian Journal of Statistics 1979). Stateless. */
public final class Holm {
    private Holm() {}

    /**
     * Corrected p values.
     *
     * @param p values of the family; NaN stands for a missing test and stays NaN
     */
    public static double[] adjusted(double[] p) {
        double[] adjusted = p.clone();
        List<Integer> ascending = IntStream.range(0, p.length)
                .filter(i -> !Double.isNaN(p[i]))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> p[i]))
                .toList();
        double highest = 0;
        for (int rank = 0; rank < ascending.size(); rank++) {
            int test = ascending.get(rank);
            highest = Math.max(highest, Math.min(1, (ascending.size() - rank) * p[test]));
            adjusted[test] = highest;
        }
        return adjusted;
    }
}
