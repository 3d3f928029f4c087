package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.statistics.Spread;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComparisonTableTest {
    /** @param dice for each seed the values of the subjects */
    private static Series series(String name, double[]... dice) {
        Map<String, Map<Metric, Map<String, List<Double>>>> values = new LinkedHashMap<>();
        for (String region : List.of("WT", "TC", "ET")) {
            Map<Metric, Map<String, List<Double>>> metrics = new EnumMap<>(Metric.class);
            for (Metric metric : Metric.values()) {
                Map<String, List<Double>> subjects = new TreeMap<>();
                for (int subject = 0; subject < dice[0].length; subject++) {
                    int index = subject;
                    subjects.put(
                            "p" + subject,
                            Arrays.stream(dice)
                                    .map(seed -> metric == Metric.DICE ? seed[index] : 5)
                                    .toList());
                }
                metrics.put(metric, subjects);
            }
            values.put(region, metrics);
        }
        return new Series(name, name, "student", List.of("T1CE"), List.of(name), Map.of(), values);
    }

    private static double[] seed(double... dice) {
        return dice;
    }

    private static ComparisonTable table(Series untaught, Series taught, int seeds) {
        Map<String, Series> all = new LinkedHashMap<>();
        all.put("untaught", untaught);
        all.put("taught", taught);
        return ComparisonTable.of(all, seeds, "taught", "untaught");
    }

    @Test
    void withOneSeedTheDeviationIsOverSubjects() {
        ComparisonTable table = table(series("untaught", seed(0.4, 0.6)), series("taught", seed(0.7, 0.7)), 1);
        Spread untaught = table.rows().get(0).cells().get(0);
        assertEquals(0.5, untaught.mean(), 1e-12);
        assertEquals(Math.sqrt(0.02), untaught.deviation(), 1e-12);
        assertTrue(table.caption().contains("over 2 unseen subjects"), table.caption());
    }

    @Test
    void withSeveralSeedsTheDeviationIsOverSeeds() {
        ComparisonTable table = table(
                series("untaught", seed(0.4, 0.6), seed(0.6, 0.8)),
                series("taught", seed(0.5, 0.7), seed(0.8, 0.8)),
                2);
        List<Spread> cells = table.rows().get(0).cells();
        assertEquals(0.6, cells.get(0).mean(), 1e-12);
        assertEquals(Math.sqrt(0.02), cells.get(0).deviation(), 1e-12);
        assertEquals(0.1, cells.get(2).mean(), 1e-12, "the difference, seed by seed");
        assertEquals(0, cells.get(2).deviation(), 1e-12);
    }

    @Test
    void aDifferenceIsOverTheSubjectsThatBothHaveInASeed() {
        ComparisonTable table = table(
                series("untaught", seed(0.4, 0.9), seed(0.4, 0.9)),
                series("taught", seed(0.5, Double.NaN), seed(0.5, 1)),
                2);
        List<Spread> cells = table.rows().get(0).cells();
        assertEquals(0.1, cells.get(2).mean(), 1e-12, "not lower for the subject that the taught student lacks");
    }

    @Test
    void undefinedScoresAreLeftOutOfMeansAndPrintedAsNone() {
        ComparisonTable table =
                table(series("untaught", seed(Double.NaN, 0.6)), series("taught", seed(Double.NaN, Double.NaN)), 1);
        assertEquals(0.6, table.rows().get(0).cells().get(0).mean(), 1e-12);
        assertTrue(table.toText().contains("none"), table.toText());
    }

    @Test
    void markdownHasARowForEachRegionAndMetric() {
        String markdown = table(series("untaught", seed(0.5)), series("taught", seed(0.5)), 1)
                .toMarkdown();
        assertEquals(8, markdown.lines().filter(l -> l.startsWith("|")).count());
        assertTrue(
                markdown.startsWith("| | untaught | taught | taught - untaught |\n|---|---:|---:|---:|\n"), markdown);
    }
}
