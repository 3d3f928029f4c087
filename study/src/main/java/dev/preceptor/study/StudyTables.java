package dev.preceptor.study;

import dev.preceptor.metrics.Convention;
import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.Interval;
import dev.preceptor.statistics.PairedComparison;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The tables of a study. The page, {@code comparison.md} and the terminal render the same ones.
 *
 * @param result of the study
 */
record StudyTables(StudyResult result) {
    /** Name of the columns of medians. */
    static final String MEDIAN = "median";

    /** What the table of controls holds. */
    static final String CONTROLS_NOTE =
            "The unit is the subject, with the mean over the seeds in which both have a score: mean difference, bootstrap 95 % interval over subjects, two-sided"
                    + " Wilcoxon signed-rank test, Holm over all rows, and in how many subjects the arm is better. The differences by"
                    + " seed are means over subjects: their spread shows the chance of the training, which the interval over subjects"
                    + " does not hold.";

    /** Over which subjects a mean is. */
    static final String MEAN_NOTE =
            " Where the convention leaves the score of some subjects undefined, the count of those that mean and median are over"
                    + " stands beside the mean.";

    /** When there is a gap to close. */
    static final String GAP_NOTE =
            "A gap is teacher minus baseline, with its bootstrap 95 % interval over subjects; where this interval does not lie on the"
                    + " teacher's side of 0, there is no gap of which a share could be closed.";

    /** A metric under the name that says which Dice it is. */
    String name(Metric metric) {
        if (metric != Metric.DICE) {
            return metric.label();
        }
        return isSliceWise() ? Metric.SLICE_DICE.label() : "volumetric Dice";
    }

    /** The metrics without slice Dice, where it is the Dice of the convention: it would stand there twice. */
    List<Metric> distinct(List<Metric> metrics) {
        return metrics.stream()
                .filter(metric -> metric != Metric.SLICE_DICE || !isSliceWise())
                .toList();
    }

    private boolean isSliceWise() {
        return result.convention() == Convention.SLICE_MTCM;
    }

    /** {@link #name} at the start of a line. */
    String title(Metric metric) {
        return capital(name(metric));
    }

    /** One metric: a row for each network with mean, deviation, interval and median over subjects in each region. */
    Table scores(Metric metric) {
        List<Table.Column> columns = new ArrayList<>();
        columns.add(Table.Column.words("network"));
        columns.add(Table.Column.words("sees"));
        columns.add(Table.Column.numbers("subjects"));
        for (String region : result.regions()) {
            columns.add(Table.Column.numbers(region));
            columns.add(Table.Column.numbers(MEDIAN));
        }
        int decimals = metric.decimals();
        List<List<TableCell>> rows = new ArrayList<>();
        for (Series series : result.series()) {
            List<TableCell> row = new ArrayList<>();
            row.add(name(series.name()));
            row.add(TableCell.of(String.join(", ", series.inputs())));
            row.add(TableCell.of(series.subjects().size()));
            for (String region : result.regions()) {
                Distribution subjects = result.summary(series.name(), region, metric);
                row.add(estimate(mean(series, subjects, metric), subjects.interval(), decimals));
                row.add(TableCell.of(subjects.median(), decimals));
            }
            rows.add(row);
        }
        return new Table(title(metric) + " under " + result.convention(), columns, rows);
    }

    /** Some metrics in short: a row for each network with mean and deviation in each region. */
    Table overview(List<Metric> metrics) {
        List<Table.Column> columns = new ArrayList<>(List.of(Table.Column.words("")));
        for (Metric metric : metrics) {
            result.regions().forEach(region -> columns.add(Table.Column.numbers(region + " " + name(metric))));
        }
        List<List<TableCell>> rows = new ArrayList<>();
        for (Series series : result.series()) {
            List<TableCell> row = new ArrayList<>(List.of(name(series.name())));
            for (Metric metric : metrics) {
                result.regions()
                        .forEach(
                                region -> row.add(mean(series, result.summary(series.name(), region, metric), metric)));
            }
            rows.add(row);
        }
        return new Table("Mean and standard deviation over subjects", columns, rows);
    }

    /** The students against their baselines; all pairs of students if no arm has a baseline. */
    List<StudyResult.Pair> shownPairs() {
        boolean hasBaselines = result.arms().stream()
                .anyMatch(arm -> !result.baselineOf(arm.name()).isEmpty());
        return result.pairs().stream()
                .filter(pair -> !hasBaselines || pair.second().equals(result.baselineOf(pair.first())))
                .toList();
    }

    /** The arm of interest minus its baseline and each control, in some metrics. */
    Table controls(List<Metric> metrics) {
        List<List<TableCell>> rows = new ArrayList<>();
        for (StudyResult.Control one : result.controls()) {
            if (!metrics.contains(one.score())) {
                continue;
            }
            PairedComparison c = one.comparison();
            int decimals = one.score().decimals();
            List<TableCell> row = new ArrayList<>(List.of(
                    new TableCell.Joined(name(one.first()), " - ", name(one.second())),
                    TableCell.of(one.control()),
                    TableCell.of(one.region() + " " + name(one.score())),
                    estimate(TableCell.of(c.difference(), decimals), c.interval(), decimals),
                    new TableCell.Probability(c.p()),
                    new TableCell.Probability(one.holm()),
                    TableCell.of(c.wins() + "/" + c.count()).withOrder(c.wins())));
            one.bySeed().forEach(value -> row.add(TableCell.of(value, decimals)));
            rows.add(row);
        }
        List<Table.Column> columns = new ArrayList<>(List.of(
                Table.Column.words("students"),
                Table.Column.words("controls for"),
                Table.Column.words("score"),
                Table.Column.numbers("difference"),
                Table.Column.numbers("p"),
                Table.Column.numbers("p (Holm)"),
                Table.Column.numbers("better")));
        result.seeds().forEach(seed -> columns.add(Table.Column.numbers("seed " + seed)));
        return new Table(names(metrics) + ", " + result.subject() + " minus its baseline and controls", columns, rows);
    }

    /** Students against students in some metrics; against their baselines only, if there are any. */
    Table pairs(List<Metric> metrics) {
        List<List<TableCell>> rows = new ArrayList<>();
        for (StudyResult.Pair pair : shownPairs()) {
            if (!metrics.contains(pair.score())) {
                continue;
            }
            PairedComparison c = pair.comparison();
            int decimals = pair.score().decimals();
            rows.add(Table.row(
                    new TableCell.Joined(name(pair.first()), " - ", name(pair.second())),
                    TableCell.of(pair.region() + " " + name(pair.score())),
                    TableCell.of(c.count()),
                    estimate(TableCell.of(c.difference(), decimals), c.interval(), decimals),
                    TableCell.of(c.wins() + "/" + c.ties() + "/" + c.losses()).withOrder(c.wins() - c.losses()),
                    new TableCell.Probability(c.p()),
                    new TableCell.Probability(pair.holm()),
                    TableCell.of(c.rankBiserial(), 2),
                    TableCell.of(c.cohenDz(), 2)));
        }
        return new Table(
                names(metrics) + ", paired by subject",
                List.of(
                        Table.Column.words("students"),
                        Table.Column.words("score"),
                        Table.Column.numbers("subjects"),
                        Table.Column.numbers("difference"),
                        Table.Column.numbers("better/equal/worse"),
                        Table.Column.numbers("p"),
                        Table.Column.numbers("p (Holm)"),
                        Table.Column.numbers("rank-biserial"),
                        Table.Column.numbers("Cohen's d_z")),
                rows);
    }

    /** The share of the gap between baseline and teacher that each student closes, in some metrics. */
    Table gaps(List<Metric> metrics) {
        List<List<TableCell>> rows = new ArrayList<>();
        for (StudyResult.Gap gap : result.gaps()) {
            if (!metrics.contains(gap.score())) {
                continue;
            }
            double share = gap.closed().share();
            Interval interval = gap.closed().interval();
            rows.add(Table.row(
                    name(gap.student()),
                    name(result.baselineOf(gap.student())),
                    name(gap.teacher()),
                    TableCell.of(gap.region() + " " + name(gap.score())),
                    TableCell.of(gap.closed().count()),
                    estimate(
                            TableCell.of(gap.closed().gap(), gap.score().decimals()),
                            gap.closed().gapInterval(),
                            gap.score().decimals()),
                    !gap.closed().exists()
                            ? TableCell.of("no gap")
                            : new TableCell.Estimate(
                                    new TableCell.Percent(share),
                                    new TableCell.Percent(interval.low()),
                                    new TableCell.Percent(interval.high()))));
        }
        return new Table(
                names(metrics) + ", share of the gap that is closed",
                List.of(
                        Table.Column.words("student"),
                        Table.Column.words("baseline"),
                        Table.Column.words("teacher"),
                        Table.Column.words("score"),
                        Table.Column.numbers("subjects"),
                        Table.Column.numbers("gap"),
                        Table.Column.numbers("closed")),
                rows);
    }

    /** All trials and how they ended. */
    Table trials() {
        List<List<TableCell>> rows = new ArrayList<>();
        for (TrialState trial : result.cells()) {
            rows.add(Table.row(
                    TableCell.of(trial.name()),
                    TableCell.of(trial.arm()),
                    TableCell.of(trial.fold().isEmpty() ? "none" : trial.fold()),
                    TableCell.of(trial.seed()),
                    TableCell.of(trial.hasFinished() ? "finished" : "failed: " + trial.error())));
        }
        return new Table(
                "Trials",
                List.of(
                        Table.Column.words("trial"),
                        Table.Column.words("arm"),
                        Table.Column.words("fold"),
                        Table.Column.numbers("seed"),
                        Table.Column.words("state")),
                rows);
    }

    /** A network; one whose scores include subjects that leaked is marked wherever it stands. */
    private TableCell name(String series) {
        return result.series().stream()
                .filter(one -> one.name().equals(series) && !one.leaked().isEmpty())
                .findFirst()
                .map(one -> TableCell.of(series)
                        .withMark("LEAKAGE: " + one.leaked().size() + " of "
                                + one.subjects().size()))
                .orElse(TableCell.of(series));
    }

    private String names(List<Metric> metrics) {
        return capital(metrics.stream().map(this::name).collect(Collectors.joining(", ")));
    }

    private static TableCell mean(Series series, Distribution subjects, Metric metric) {
        return new TableCell.Mean(subjects.mean(), subjects.deviation(), metric.decimals())
                .over(subjects.count(), series.subjects().size());
    }

    private static TableCell estimate(TableCell estimate, Interval interval, int decimals) {
        return new TableCell.Estimate(
                estimate, TableCell.of(interval.low(), decimals), TableCell.of(interval.high(), decimals));
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
