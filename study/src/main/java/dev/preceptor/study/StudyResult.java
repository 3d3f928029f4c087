package dev.preceptor.study;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.cohort.Patients;
import dev.preceptor.leakage.Leakage;
import dev.preceptor.metrics.Convention;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.statistics.Bootstrap;
import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.GapClosed;
import dev.preceptor.statistics.Holm;
import dev.preceptor.statistics.PairedComparison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The result of a study; {@code study.json} is this record, and its keys call a trial a cell. All statistics are over subjects,
 * each with the mean over its seeds, in comparisons over the seeds in which all compared networks have a value. Only finished trials count, and the same finished trials give the same result.
 *
 * @param format version of the file format
 * @param study name of the study
 * @param version of Preceptor that compared the trials
 * @param commit of its source
 * @param software versions and commits of Preceptor that scored the finished trials, each once
 * @param baseline the arm with which the others are compared, unless they name their own; empty if there is none
 * @param subject the arm whose gain is compared with the baseline and the controls; empty if there is none
 * @param convention under which all trials were scored
 * @param cohort fingerprint of the training cohort; empty if no trial is finished
 * @param seeds of the trainings
 * @param folds that were held out, K/N; empty without folds
 * @param arms that were compared
 * @param bootstrap of the intervals
 * @param cells all trials; trial NAME is in {@code cells/NAME} with {@code metrics.jsonl}, {@code predictions/ROLE} and
 *     {@code scores/ROLE}
 * @param series scores of each network of each arm, subject by subject
 * @param summaries statistics of each series by metric and region
 * @param pairs comparisons of all students with each other
 * @param gaps the share of the gap between its baseline and its best teacher that each student closes
 * @param controls the comparisons of {@code subject} with its baseline and with each control
 * @param leakage by trial, the scored subjects that its networks were trained on; trials without leakage are left out
 */
public record StudyResult(
        String format,
        String study,
        String version,
        String commit,
        List<String> software,
        String baseline,
        String subject,
        Convention convention,
        String cohort,
        List<Long> seeds,
        List<String> folds,
        List<Arm> arms,
        Bootstrap bootstrap,
        List<TrialState> cells,
        List<Series> series,
        List<Summary> summaries,
        List<Pair> pairs,
        List<Gap> gaps,
        List<Control> controls,
        Map<String, Leakage> leakage) {

    private static final String FORMAT = "preceptor-study/1";

    /** The statistics of a series for one metric of one region. */
    public record Summary(String series, String region, Metric score, Distribution subjects) {}

    /**
     * Two students compared in one metric of one region.
     *
     * @param holm p value of the comparison, corrected over all pairs of students in this metric of this region
     */
    public record Pair(
            String first, String second, String region, Metric score, PairedComparison comparison, double holm) {}

    /**
     * A student between its baseline and a teacher.
     *
     * @param teacher the series of the teacher of the arm that is best in this metric of this region
     */
    public record Gap(String student, String teacher, String region, Metric score, GapClosed closed) {}

    /**
     * The arm of interest compared with its baseline or a control, in one metric of one region.
     *
     * @param first the arm of interest
     * @param second the other arm
     * @param control what the other arm controls for; {@code baseline} for the baseline
     * @param holm p value of the comparison, corrected over all comparisons of the arm of interest in all metrics and regions
     * @param bySeed the mean difference over subjects for each seed of the study; NaN where the seed has no scores
     */
    public record Control(
            String first,
            String second,
            String control,
            String region,
            Metric score,
            PairedComparison comparison,
            double holm,
            List<Double> bySeed) {}

    /** Compares the scores of finished trials. */
    static StudyResult of(Study study, List<TrialState> states, List<TrialScores> scores) {
        List<Series.Finished> finished = new ArrayList<>();
        for (TrialScores trial : scores) {
            states.stream()
                    .filter(state -> state.hasFinished() && state.name().equals(trial.cell()))
                    .forEach(state -> finished.add(new Series.Finished(state, trial)));
        }
        List<Series> series = study.arms().stream()
                .flatMap(arm -> Series.of(arm.name(), study.seeds(), finished).stream())
                .toList();
        Map<String, String> baselines = baselines(study.baseline(), study.arms());
        Map<String, String> owners = new LinkedHashMap<>();
        study.arms().forEach(arm -> owners.put(arm.name(), arm.teachersOf().isEmpty() ? arm.name() : arm.teachersOf()));
        Bootstrap bootstrap = Bootstrap.DEFAULTS;
        Map<String, Leakage> leakage = new LinkedHashMap<>();
        scores.stream()
                .filter(trial -> !trial.leakage().warnings().isEmpty())
                .forEach(trial -> leakage.put(trial.cell(), trial.leakage()));
        List<Summary> summaries = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        List<Gap> gaps = new ArrayList<>();
        for (String region : regions(series)) {
            for (Metric metric : Metric.values()) {
                series.forEach(one -> summaries.add(
                        new Summary(one.name(), region, metric, one.distribution(region, metric, bootstrap))));
                pairs.addAll(pairs(baselines, series, region, metric, bootstrap));
                gaps.addAll(gaps(baselines, owners, series, region, metric, bootstrap));
            }
        }
        return new StudyResult(
                FORMAT,
                study.name(),
                BuildInfo.VERSION,
                BuildInfo.COMMIT,
                scores.stream()
                        .map(trial -> build(trial.version(), trial.commit()))
                        .distinct()
                        .toList(),
                study.baseline(),
                study.subject(),
                study.convention(),
                scores.stream().map(TrialScores::cohort).findFirst().orElse(""),
                study.seeds(),
                study.folds().choices().stream().map(FoldChoice::toString).toList(),
                study.arms(),
                bootstrap,
                states,
                series,
                summaries,
                pairs,
                gaps,
                SubjectComparisons.of(study.subject(), baselines, study.arms(), series, bootstrap),
                leakage);
    }

    private static String build(String version, String commit) {
        return version + ", commit " + commit;
    }

    /** The baselines by arm; empty for an arm without one, and for a baseline itself. */
    private static Map<String, String> baselines(String common, List<Arm> arms) {
        Map<String, String> baselines = new LinkedHashMap<>();
        for (Arm arm : arms) {
            String own = arm.baseline().isEmpty() ? common : arm.baseline();
            baselines.put(arm.name(), own.equals(arm.name()) ? "" : own);
        }
        return baselines;
    }

    /** Each student minus its baseline; of two other students, the later minus the earlier. */
    private static List<Pair> pairs(
            Map<String, String> baselines, List<Series> series, String region, Metric metric, Bootstrap bootstrap) {
        List<Series> students = series.stream().filter(Series::shipped).toList();
        List<Pair> pairs = new ArrayList<>();
        for (int second = 0; second < students.size(); second++) {
            for (int first = second + 1; first < students.size(); first++) {
                boolean isReversed = baselines
                        .get(students.get(second).arm())
                        .equals(students.get(first).arm());
                Series one = students.get(isReversed ? second : first);
                Series other = students.get(isReversed ? first : second);
                MatchedSeeds matched = MatchedSeeds.of(region, metric, one, other);
                PairedComparison comparison = PairedComparison.of(
                        matched.means(one), matched.means(other), metric.higherIsBetter(), bootstrap);
                pairs.add(new Pair(one.name(), other.name(), region, metric, comparison, Double.NaN));
            }
        }
        double[] holm = Holm.adjusted(
                pairs.stream().mapToDouble(pair -> pair.comparison().p()).toArray());
        return IntStream.range(0, pairs.size())
                .mapToObj(i -> new Pair(
                        pairs.get(i).first(),
                        pairs.get(i).second(),
                        region,
                        metric,
                        pairs.get(i).comparison(),
                        holm[i]))
                .toList();
    }

    private static List<Gap> gaps(
            Map<String, String> baselines,
            Map<String, String> owners,
            List<Series> series,
            String region,
            Metric metric,
            Bootstrap bootstrap) {
        List<Gap> gaps = new ArrayList<>();
        for (Series student : series) {
            Optional<Series> lower = series.stream()
                    .filter(one -> one.shipped() && one.arm().equals(baselines.get(student.arm())))
                    .findFirst();
            if (lower.isEmpty() || !student.shipped()) {
                continue;
            }
            Comparator<Series> better = Comparator.comparingDouble(
                    one -> one.distribution(region, metric, bootstrap).mean());
            series.stream()
                    .filter(one -> one.arm().equals(owners.get(student.arm())) && !one.shipped())
                    .max(metric.higherIsBetter() ? better : better.reversed())
                    .ifPresent(teacher -> {
                        MatchedSeeds matched = MatchedSeeds.of(region, metric, lower.get(), student, teacher);
                        gaps.add(new Gap(
                                student.name(),
                                teacher.name(),
                                region,
                                metric,
                                GapClosed.of(
                                        matched.means(lower.get()),
                                        matched.means(student),
                                        matched.means(teacher),
                                        metric.higherIsBetter(),
                                        bootstrap)));
                    });
        }
        return gaps;
    }

    /** The subjects that all networks were scored on, sorted. */
    static List<String> common(Series... all) {
        TreeSet<String> subjects = new TreeSet<>(all[0].subjects());
        for (Series one : all) {
            subjects.retainAll(one.subjects());
        }
        return List.copyOf(subjects);
    }

    /** The names of the scored regions, in the order of the label space. */
    List<String> regions() {
        return List.copyOf(regions(series));
    }

    private static Set<String> regions(List<Series> series) {
        Set<String> regions = new LinkedHashSet<>();
        series.forEach(one -> regions.addAll(one.values().keySet()));
        return regions;
    }

    /** The baseline of an arm; empty if there is none. */
    String baselineOf(String arm) {
        return baselines(baseline, arms).get(arm);
    }

    /** The builds of Preceptor that scored the trials and, if it is another one, that which compared them. */
    String builds() {
        String own = build(version, commit);
        if (software.isEmpty() || software.equals(List.of(own))) {
            return own;
        }
        return String.join(" and ", software) + ", compared by " + own;
    }

    /**
     * Warnings, a line each: about leakage by trial, several builds, seeds that comparisons leave out, and several scans of a patient among
     * the scored subjects.
     */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        leakage.forEach((trial, found) -> found.warnings().forEach(line -> warnings.add(trial + ": " + line)));
        if (software.size() > 1) {
            warnings.add("the trials were scored by " + software.size() + " builds of Preceptor ("
                    + String.join(" and ", software)
                    + "): a difference of arms may be one of builds; scores/cell.json in each trial names its own");
        }
        warnings.addAll(new SeedWarnings(this).lines());
        warnings.addAll(patients().dependence().stream().toList());
        return warnings;
    }

    /** The patients of all scored subjects. */
    Patients patients() {
        return Patients.of(
                series.stream().flatMap(one -> one.subjects().stream()).toList());
    }

    /** The failed trials. */
    public List<TrialState> failed() {
        return cells.stream().filter(trial -> !trial.hasFinished()).toList();
    }

    /** The statistics of a series for one metric of one region. */
    Distribution summary(String name, String region, Metric metric) {
        return summaries.stream()
                .filter(s -> s.series().equals(name) && s.region().equals(region) && s.score() == metric)
                .findFirst()
                .orElseThrow()
                .subjects();
    }

    /** The scores of a network: of an arm's student by the name of the arm, of a teacher by {@code ARM/ROLE}. */
    Series series(String name) {
        return series.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The comparison of two students in one metric of one region, in this order. */
    PairedComparison pair(String first, String second, String region, Metric metric) {
        return pairs.stream()
                .filter(pair -> pair.first().equals(first) && pair.second().equals(second))
                .filter(pair -> pair.region().equals(region) && pair.score() == metric)
                .findFirst()
                .orElseThrow()
                .comparison();
    }

    /**
     * Reads {@code study.json}.
     *
     * @throws dev.preceptor.base.InvalidFileException if it cannot be read or holds something else
     */
    public static StudyResult read(Path file) {
        JsonNode tree = JsonFiles.read(file);
        // Results from before the builds of the trials were listed.
        if (tree instanceof ObjectNode result && !result.isEmpty() && !result.has("software")) {
            result.putArray("software");
        }
        return BoundJson.of(tree, file, StudyResult.class, "is not a result of a study");
    }
}
