package dev.preceptor.study;

import dev.preceptor.statistics.Bootstrap;
import dev.preceptor.statistics.Holm;
import dev.preceptor.statistics.PairedComparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Compares the arm of interest of a study with its baseline and its controls. Stateless. */
final class SubjectComparisons {
    /** The metrics that are tested; more would weaken Holm's correction. */
    private static final List<Metric> TESTED = List.of(Metric.DICE, Metric.HD95);

    private SubjectComparisons() {}

    /**
     * The comparisons by metric, region and control; the baseline comes before the controls, which are in the order of arms.
     *
     * @param subject name of the arm of interest; empty for none
     * @param baselines by arm; empty for an arm without one
     * @return empty if there is no arm of interest
     */
    static List<StudyResult.Control> of(
            String subject, Map<String, String> baselines, List<Arm> arms, List<Series> series, Bootstrap bootstrap) {
        Optional<Series> first = student(series, subject);
        if (first.isEmpty()) {
            return List.of();
        }
        List<StudyResult.Control> all = new ArrayList<>();
        for (Metric metric : TESTED) {
            for (String region : first.get().values().keySet()) {
                controls(baselines.get(subject), arms)
                        .forEach((arm, control) -> student(series, arm)
                                .ifPresent(second ->
                                        all.add(compare(first.get(), second, control, region, metric, bootstrap))));
            }
        }
        double[] holm = Holm.adjusted(
                all.stream().mapToDouble(one -> one.comparison().p()).toArray());
        return IntStream.range(0, all.size())
                .mapToObj(i -> corrected(all.get(i), holm[i]))
                .toList();
    }

    /** What each arm controls for. */
    private static Map<String, String> controls(String baseline, List<Arm> arms) {
        Map<String, String> controls = new LinkedHashMap<>();
        if (!baseline.isEmpty()) {
            controls.put(baseline, "baseline");
        }
        arms.stream().filter(arm -> !arm.control().isEmpty()).forEach(arm -> controls.put(arm.name(), arm.control()));
        return controls;
    }

    private static Optional<Series> student(List<Series> series, String arm) {
        return series.stream()
                .filter(one -> one.shipped() && one.arm().equals(arm))
                .findFirst();
    }

    private static StudyResult.Control compare(
            Series first, Series second, String control, String region, Metric metric, Bootstrap bootstrap) {
        MatchedSeeds matched = MatchedSeeds.of(region, metric, first, second);
        return new StudyResult.Control(
                first.arm(),
                second.arm(),
                control,
                region,
                metric,
                PairedComparison.of(matched.means(first), matched.means(second), metric.higherIsBetter(), bootstrap),
                Double.NaN,
                first.differences(second, region, metric, matched.subjects()));
    }

    private static StudyResult.Control corrected(StudyResult.Control one, double holm) {
        return new StudyResult.Control(
                one.first(),
                one.second(),
                one.control(),
                one.region(),
                one.score(),
                one.comparison(),
                holm,
                one.bySeed());
    }
}
