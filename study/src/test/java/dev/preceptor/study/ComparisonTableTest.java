package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.metrics.ConfusionCounts;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.statistics.Spread;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTableTest {
    private static Evaluation evaluation(double... dice) {
        List<Evaluation.Case> cases = new ArrayList<>();
        for (double value : dice) {
            RegionScore score = new RegionScore(value, 5, 1, 1, 1, 1, new ConfusionCounts(1, 0, 0, 0));
            cases.add(new Evaluation.Case(
                    "p" + cases.size(),
                    Path.of("p"),
                    Path.of("r"),
                    Map.of(Region.WT, score, Region.TC, score, Region.ET, score)));
        }
        return new Evaluation(
                Convention.BRATS_LEGACY,
                new SchemaDecision(LabelSpace.BRATS_2018, "as given"),
                cases,
                List.of(),
                List.of());
    }

    private static ComparisonTable table(List<Evaluation> baseline, List<Evaluation> student) {
        Map<String, List<Evaluation>> all = new LinkedHashMap<>();
        all.put("baseline", baseline);
        all.put("student", student);
        return ComparisonTable.of(all, Optional.of("student"), Optional.of("baseline"));
    }

    @Test
    void withOneSeedTheDeviationIsOverSubjects() {
        ComparisonTable table = table(List.of(evaluation(0.4, 0.6)), List.of(evaluation(0.7, 0.7)));
        Spread baseline = table.rows().get(0).cells().get(0);
        assertEquals(0.5, baseline.mean(), 1e-12);
        assertEquals(Math.sqrt(0.02), baseline.deviation(), 1e-12);
        assertTrue(table.caption().contains("over 2 unseen subjects"), table.caption());
    }

    @Test
    void withSeveralSeedsTheDeviationIsOverSeeds() {
        ComparisonTable table = table(
                List.of(evaluation(0.4, 0.6), evaluation(0.6, 0.8)),
                List.of(evaluation(0.5, 0.7), evaluation(0.8, 0.8)));
        List<Spread> cells = table.rows().get(0).cells();
        assertEquals(0.6, cells.get(0).mean(), 1e-12);
        assertEquals(Math.sqrt(0.02), cells.get(0).deviation(), 1e-12);
        assertEquals(0.1, cells.get(2).mean(), 1e-12, "the difference, seed by seed");
        assertEquals(0, cells.get(2).deviation(), 1e-12);
    }

    @Test
    void undefinedScoresAreLeftOutOfMeansAndPrintedAsNone() {
        ComparisonTable table = table(List.of(evaluation(Double.NaN, 0.6)), List.of(evaluation(Double.NaN)));
        assertEquals(0.6, table.rows().get(0).cells().get(0).mean(), 1e-12);
        assertTrue(table.toText().contains("none"), table.toText());
    }

    @Test
    void markdownHasARowForEachRegionAndMetric() {
        String markdown =
                table(List.of(evaluation(0.5)), List.of(evaluation(0.5))).toMarkdown();
        assertEquals(8, markdown.lines().filter(l -> l.startsWith("|")).count());
        assertTrue(
                markdown.startsWith("| | baseline | student | student - baseline |\n|---|---:|---:|---:|\n"), markdown);
    }
}
