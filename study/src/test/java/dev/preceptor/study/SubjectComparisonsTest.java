package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.statistics.Bootstrap;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The arm of interest against a baseline and a control, two seeds, seven subjects. Expected values: NumPy 2.4.6 for means and
 * differences by seed, {@code scipy.stats.wilcoxon} and {@code scipy.stats.bootstrap} (percentile, a million draws) of SciPy 1.17.1
 * on the means over seeds.
 */
class SubjectComparisonsTest {
    private static final double[][] GAIN = {
        {0.71, 0.75}, {0.62, 0.60}, {0.80, 0.84}, {0.55, 0.63}, {0.90, 0.88}, {0.47, 0.55}, {0.68, 0.71}
    };
    private static final double[][] BASELINE = {
        {0.66, 0.68}, {0.63, 0.60}, {0.71, 0.74}, {0.50, 0.47}, {0.86, 0.87}, {0.49, 0.47}, {0.61, 0.60}
    };
    private static final double[][] CONTROL = {
        {0.70, 0.71}, {0.605, 0.655}, {0.81, 0.80}, {0.57, 0.594}, {0.89, 0.95}, {0.50, 0.53}, {0.66, 0.63}
    };
    private static final double WILCOXON_BASELINE = 0.03125;
    private static final double WILCOXON_CONTROL = 0.6875;
    private static final double LOW_BASELINE = 0.027857;
    private static final double HIGH_BASELINE = 0.085;

    private static final Map<String, String> BASELINES = Map.of("gain", "base", "base", "", "more", "base");
    private static final List<Arm> ARMS = List.of(arm("base", ""), arm("gain", ""), arm("more", "more steps"));

    private static Arm arm(String name, String control) {
        return new Arm(name, "baseline", "", "", control, JsonNodeFactory.instance.objectNode());
    }

    private static Series series(String arm, double[][] dice) {
        Map<Metric, Map<String, List<Double>>> figures = new LinkedHashMap<>();
        for (Metric metric : Metric.values()) {
            Map<String, List<Double>> bySubject = new TreeMap<>();
            for (int subject = 0; subject < dice.length; subject++) {
                bySubject.put(
                        "S" + subject,
                        Arrays.stream(dice[subject])
                                .mapToObj(value -> metric == Metric.HD95 ? 100 * (1 - value) : value)
                                .toList());
            }
            figures.put(metric, bySubject);
        }
        return new Series(arm, arm, "student", List.of("T1"), List.of(), Map.of(), Map.of("WT", figures));
    }

    private static List<StudyResult.Control> compare() {
        return SubjectComparisons.of(
                "gain",
                BASELINES,
                ARMS,
                List.of(series("base", BASELINE), series("gain", GAIN), series("more", CONTROL)),
                Bootstrap.DEFAULTS);
    }

    @Test
    void statisticsAreOverSubjectsOfTheMeanOverSeeds() {
        StudyResult.Control first = compare().get(0);
        assertEquals("base", first.second());
        assertEquals("baseline", first.control());
        assertEquals(7, first.comparison().count());
        assertEquals(0.4 / 7, first.comparison().difference(), 1e-12);
        assertEquals(6, first.comparison().wins());
        assertEquals(WILCOXON_BASELINE, first.comparison().p(), 1e-9);
        assertEquals(LOW_BASELINE, first.comparison().interval().low(), 1e-3);
        assertEquals(HIGH_BASELINE, first.comparison().interval().high(), 1e-3);
    }

    @Test
    void holmCoversAllControlsRegionsAndMetricsOfTheTable() {
        List<StudyResult.Control> all = compare();
        assertEquals(4, all.size());
        assertEquals(
                List.of("DICE more", "HD95 more"),
                all.stream()
                        .filter(one -> one.control().equals("more steps"))
                        .map(one -> one.score() + " " + one.second())
                        .toList());
        assertEquals(WILCOXON_CONTROL, all.get(1).comparison().p(), 1e-9);
        assertEquals(4 * WILCOXON_BASELINE, all.get(0).holm(), 1e-9);
        assertEquals(4 * WILCOXON_BASELINE, all.get(2).holm(), 1e-9);
        assertEquals(1, all.get(1).holm(), 1e-9);
    }

    @Test
    void differencesBySeedShowTheSpreadOfTheTraining() {
        List<StudyResult.Control> all = compare();
        assertEquals(0.27 / 7, all.get(0).bySeed().get(0), 1e-12);
        assertEquals(0.53 / 7, all.get(0).bySeed().get(1), 1e-12);
        assertEquals(-100 * 0.27 / 7, all.get(2).bySeed().get(0), 1e-9);
    }

    @Test
    void aSeedWithoutScoresHasNoDifference() {
        double[][] half = Arrays.stream(GAIN)
                .map(values -> new double[] {values[0], Double.NaN})
                .toArray(double[][]::new);
        List<StudyResult.Control> all = SubjectComparisons.of(
                "gain", BASELINES, ARMS, List.of(series("base", BASELINE), series("gain", half)), Bootstrap.DEFAULTS);
        assertEquals(2, all.size(), "the control has no scores");
        assertEquals(Double.NaN, all.get(0).bySeed().get(1));
        assertEquals(7, all.get(0).comparison().count());
        assertEquals(
                0.27 / 7, all.get(0).comparison().difference(), 1e-12, "seed 2 of the baseline has no counterpart");
        assertEquals(all.get(0).bySeed().get(0), all.get(0).comparison().difference(), 1e-12);
    }

    @Test
    void aSubjectWithoutACommonSeedIsLeftOut() {
        double[][] half = Arrays.stream(GAIN).map(double[]::clone).toArray(double[][]::new);
        half[0][1] = Double.NaN;
        double[][] other = Arrays.stream(BASELINE).map(double[]::clone).toArray(double[][]::new);
        other[0][0] = Double.NaN;
        StudyResult.Control first = SubjectComparisons.of(
                        "gain",
                        BASELINES,
                        ARMS,
                        List.of(series("base", other), series("gain", half)),
                        Bootstrap.DEFAULTS)
                .get(0);
        assertEquals(6, first.comparison().count());
        assertEquals((0.4 - 0.06) / 6, first.comparison().difference(), 1e-12, "S0 has 0.06");
    }

    @Test
    void withoutAnArmOfInterestNothingIsCompared() {
        assertTrue(SubjectComparisons.of("", BASELINES, ARMS, List.of(series("base", BASELINE)), Bootstrap.DEFAULTS)
                .isEmpty());
    }
}
