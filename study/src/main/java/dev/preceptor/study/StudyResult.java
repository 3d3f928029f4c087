package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.leakage.Leakage;
import dev.preceptor.metrics.Convention;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.statistics.Bootstrap;
import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.GapClosed;
import dev.preceptor.statistics.Holm;
import dev.preceptor.statistics.PairedComparison;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What came out of a study; {@code study.json} is this record. Everything is over subjects, each with the mean over its seeds;
 * a cell that is not finished counts nowhere. The same finished cells give the same result.
 *
 * @param format version of the file format
 * @param study name of the study
 * @param version of Preceptor
 * @param commit of its source
 * @param baseline the arm against which the others are told, unless they name their own; empty if there is none
 * @param convention under which everything is scored
 * @param cohort fingerprint of those who were learned from; empty if no cell is finished
 * @param seeds of the trainings
 * @param folds which were held out, K/N; empty without folds
 * @param arms what was compared
 * @param bootstrap how intervals were drawn
 * @param cells all of them; cell NAME lies in {@code cells/NAME} with {@code metrics.jsonl}, {@code predictions/ROLE} and
 *     {@code scores/ROLE}
 * @param series what each network of each arm earned, subject by subject
 * @param summaries the same in a few figures
 * @param pairs all students against each other
 * @param gaps how far each student has come from its baseline to its best teacher
 * @param leakage by cell, whom its networks had met of those who were scored; cells without are left out
 */
public record StudyResult(
        String format,
        String study,
        String version,
        String commit,
        String baseline,
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
        Map<String, Leakage> leakage) {

    private static final String FORMAT = "preceptor-study/1";

    /** A series in one figure of one region. */
    public record Summary(String series, String region, Metric score, Distribution subjects) {}

    /**
     * Two students in one figure of one region.
     *
     * @param holm p of the comparison, corrected over all pairs of students in this figure of this region
     */
    public record Pair(
            String first, String second, String region, Metric score, PairedComparison comparison, double holm) {}

    /**
     * A student between the baseline and a teacher.
     *
     * @param teacher the series of the arm's teacher that is best in this figure of this region
     */
    public record Gap(String student, String teacher, String region, Metric score, GapClosed closed) {}

    /** Compares what the finished cells earned. */
    static StudyResult of(Study study, List<TrialState> states, List<TrialScores> scores) {
        List<Series.Finished> finished = new ArrayList<>();
        for (TrialScores cell : scores) {
            states.stream()
                    .filter(state -> state.hasFinished() && state.name().equals(cell.cell()))
                    .forEach(state -> finished.add(new Series.Finished(state, cell)));
        }
        List<Series> series = study.arms().stream()
                .flatMap(arm -> Series.of(arm.name(), study.seeds(), finished).stream())
                .toList();
        Map<String, String> baselines = baselines(study.baseline(), study.arms());
        Bootstrap bootstrap = Bootstrap.DEFAULT;
        Map<String, Leakage> leakage = new LinkedHashMap<>();
        scores.stream()
                .filter(cell -> !cell.leakage().warnings().isEmpty())
                .forEach(cell -> leakage.put(cell.cell(), cell.leakage()));
        List<Summary> summaries = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        List<Gap> gaps = new ArrayList<>();
        for (Region region : Region.BRATS) {
            for (Metric metric : Metric.values()) {
                series.forEach(one -> summaries.add(
                        new Summary(one.name(), region.name(), metric, one.distribution(region, metric, bootstrap))));
                pairs.addAll(pairs(baselines, series, region, metric, bootstrap));
                gaps.addAll(gaps(baselines, series, region, metric, bootstrap));
            }
        }
        return new StudyResult(
                FORMAT,
                study.name(),
                BuildInfo.VERSION,
                BuildInfo.COMMIT,
                study.baseline(),
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
                leakage);
    }

    /** By arm; empty for none, and for a baseline itself. */
    private static Map<String, String> baselines(String common, List<Arm> arms) {
        Map<String, String> baselines = new LinkedHashMap<>();
        for (Arm arm : arms) {
            String own = arm.baseline().isEmpty() ? common : arm.baseline();
            baselines.put(arm.name(), own.equals(arm.name()) ? "" : own);
        }
        return baselines;
    }

    /** Everything against its baseline; of two others the later against the earlier. */
    private static List<Pair> pairs(
            Map<String, String> baselines, List<Series> series, Region region, Metric metric, Bootstrap bootstrap) {
        List<Series> students = series.stream().filter(Series::shipped).toList();
        List<Pair> pairs = new ArrayList<>();
        for (int second = 0; second < students.size(); second++) {
            for (int first = second + 1; first < students.size(); first++) {
                boolean turned = baselines
                        .get(students.get(second).arm())
                        .equals(students.get(first).arm());
                Series one = students.get(turned ? second : first);
                Series other = students.get(turned ? first : second);
                List<String> subjects = common(one, other);
                PairedComparison comparison = PairedComparison.of(
                        one.means(region, metric, subjects),
                        other.means(region, metric, subjects),
                        metric.higherIsBetter(),
                        bootstrap);
                pairs.add(new Pair(one.name(), other.name(), region.name(), metric, comparison, Double.NaN));
            }
        }
        double[] holm = Holm.adjusted(
                pairs.stream().mapToDouble(pair -> pair.comparison().p()).toArray());
        return IntStream.range(0, pairs.size())
                .mapToObj(i -> new Pair(
                        pairs.get(i).first(),
                        pairs.get(i).second(),
                        region.name(),
                        metric,
                        pairs.get(i).comparison(),
                        holm[i]))
                .toList();
    }

    private static List<Gap> gaps(
            Map<String, String> baselines, List<Series> series, Region region, Metric metric, Bootstrap bootstrap) {
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
                    .filter(one -> one.arm().equals(student.arm()) && !one.shipped())
                    .max(metric.higherIsBetter() ? better : better.reversed())
                    .ifPresent(teacher -> {
                        List<String> subjects = common(lower.get(), student, teacher);
                        gaps.add(new Gap(
                                student.name(),
                                teacher.name(),
                                region.name(),
                                metric,
                                GapClosed.of(
                                        lower.get().means(region, metric, subjects),
                                        student.means(region, metric, subjects),
                                        teacher.means(region, metric, subjects),
                                        metric.higherIsBetter(),
                                        bootstrap)));
                    });
        }
        return gaps;
    }

    private static List<String> common(Series... all) {
        TreeSet<String> subjects = new TreeSet<>(all[0].subjects());
        for (Series one : all) {
            subjects.retainAll(one.subjects());
        }
        return List.copyOf(subjects);
    }

    /** The arm against which one is told; empty if there is none. */
    String baselineOf(String arm) {
        return baselines(baseline, arms).get(arm);
    }

    /** What must be shouted: a line for each cell in which somebody leaked. */
    public List<String> warnings() {
        return leakage.entrySet().stream()
                .flatMap(cell -> cell.getValue().warnings().stream().map(line -> cell.getKey() + ": " + line))
                .toList();
    }

    /** Those that did not come to an end. */
    public List<TrialState> failed() {
        return cells.stream().filter(cell -> !cell.hasFinished()).toList();
    }

    /** A series in one figure of one region. */
    Distribution summary(String name, Region region, Metric metric) {
        return summaries.stream()
                .filter(s -> s.series().equals(name) && s.region().equals(region.name()) && s.score() == metric)
                .findFirst()
                .orElseThrow()
                .subjects();
    }

    /** For a terminal: a line for each series. */
    public String toText() {
        return StudyText.table(this);
    }

    /** Writes {@code study.json}, {@code comparison.md} and {@code comparison.csv}. */
    public void write(Path folder) {
        JsonFiles.write(folder.resolve("study.json"), this);
        AtomicFiles.writeString(folder.resolve("comparison.md"), StudyText.markdown(this));
        AtomicFiles.writeString(folder.resolve("comparison.csv"), StudyText.csv(this));
    }

    /** Reads {@code study.json}. */
    public static StudyResult read(Path file) {
        return BoundJson.read(file, StudyResult.class, "is no result of a study");
    }
}
