package dev.preceptor.study;

import dev.preceptor.leakage.Leak;
import dev.preceptor.leakage.Leakage;
import dev.preceptor.metrics.Convention;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A study of three arms, two folds and two seeds with invented scores: a failed trial, a trial of another build, a leaking subject, missing values. */
final class StudyFixture {
    static final String YAML = """
            baseline: alone
            seeds: [1, 2]
            folds: {count: 2}
            arms:
              - {name: alone, recipe: baseline-small}
              - {name: taught, recipe: kd-net-small}
              - {name: other, recipe: kd-net-small, set: {optimization.epochs: 3}}
            """;

    private StudyFixture() {}

    static Study study(Path folder) {
        return study(folder, "");
    }

    /** The same study with further lines. */
    static Study study(Path folder, String lines) {
        return TinyStudies.study(folder, lines + YAML);
    }

    static StudyResult result(Study study) {
        return result(study, "S%d");
    }

    /** @param naming the format of a subject's id from its number, 1 to 6 */
    static StudyResult result(Study study, String naming) {
        SplittableRandom random = new SplittableRandom(5);
        List<TrialState> states = new ArrayList<>();
        List<TrialScores> scores = new ArrayList<>();
        for (Trial trial : study.trials()) {
            if (trial.name().equals("other-fold2-seed2")) {
                states.add(TrialState.failed(trial, "sampling.patch must be multiples of 2, not 9"));
                continue;
            }
            states.add(TrialState.finished(trial));
            scores.add(scores(trial, study.convention(), naming, random));
        }
        return StudyResult.of(study, states, scores);
    }

    private static TrialScores scores(Trial trial, Convention convention, String naming, SplittableRandom random) {
        int fold = trial.fold().orElseThrow().fold();
        boolean isTaught = !trial.arm().equals("alone");
        Map<String, TrialScores.RoleScores> roles = new TreeMap<>();
        roles.put("student", role(List.of("T1CE"), naming, fold, isTaught ? 0.1 : 0, random));
        if (isTaught) {
            roles.put(
                    "teacher",
                    role(List.of("T1CE", "FLAIR"), naming, fold, trial.arm().equals("other") ? -0.3 : 0.2, random));
        }
        List<Leak> leaks = trial.arm().equals("taught") && fold == 1
                ? List.of(new Leak("S1", "student", Leak.Use.TRAINING, "T9", Leak.Sign.VOXELS))
                : List.of();
        return new TrialScores(
                trial.name(),
                trial.recipe().hash(),
                trial.teachersRecipe(),
                "cafe0123",
                fold + "/2",
                convention,
                "1",
                trial.name().equals("alone-fold2-seed2") ? "d" : "c",
                "",
                new Leakage(3, leaks, List.of()),
                roles);
    }

    private static TrialScores.RoleScores role(
            List<String> inputs, String naming, int fold, double lead, SplittableRandom random) {
        Map<String, Map<String, Map<Metric, Double>>> subjects = new TreeMap<>();
        for (int subject = 0; subject < 3; subject++) {
            String id = String.format(naming, 3 * (fold - 1) + subject + 1);
            Map<String, Map<Metric, Double>> regions = new LinkedHashMap<>();
            for (Region region : Region.BRATS) {
                Map<Metric, Double> figures = new EnumMap<>(Metric.class);
                for (Metric metric : Metric.values()) {
                    double share = Math.rint(100 * (0.5 + lead + 0.3 * random.nextDouble())) / 100;
                    figures.put(metric, metric == Metric.HD95 ? 20 * (1 - share) : share);
                }
                if (region == Region.ET && subject == 2) {
                    figures.replaceAll((metric, value) -> Double.NaN);
                }
                regions.put(region.name(), figures);
            }
            subjects.put(id, regions);
        }
        return new TrialScores.RoleScores(inputs, subjects);
    }
}
