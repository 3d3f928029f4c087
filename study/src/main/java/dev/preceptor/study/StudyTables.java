package dev.preceptor.study;

import dev.preceptor.metrics.Convention;
import dev.preceptor.report.Table;
import dev.preceptor.report.TableCell;
import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.Interval;
import dev.preceptor.statistics.PairedComparison;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables of a study's report.
 *
 * @param result what is told
 */
record StudyTables(StudyResult result) {
    /** The scores whose comparisons are printed; all stand in {@code study.json}. */
    static final List<Metric> COMPARED = List.of(Metric.DICE, Metric.HD95);

    /** A score under the name that says which Dice it is. */
    String name(Metric metric) {
        if (metric != Metric.DICE) {
            return metric.label();
        }
        return result.convention() == Convention.SLICE_MTCM ? Metric.SLICE_DICE.label() : "volumetric Dice";
    }

    /** What every series earned in one score. */
    Table scores(Metric metric) {
        List<Table.Column> columns = new ArrayList<>();
        columns.add(Table.Column.words("network"));
        columns.add(Table.Column.words("sees"));
        columns.add(Table.Column.numbers("subjects"));
        Region.BRATS.forEach(region -> columns.add(Table.Column.numbers(region.name())));
        List<List<TableCell>> rows = new ArrayList<>();
        for (Series series : result.series()) {
            List<TableCell> row = new ArrayList<>();
            row.add(name(series.name()));
            row.add(TableCell.of(String.join(", ", series.inputs())));
            row.add(TableCell.of(series.subjects().size()));
            for (Region region : Region.BRATS) {
                Distribution over = result.summary(series.name(), region, metric);
                row.add(TableCell.spread(over.mean(), over.deviation(), metric.decimals())
                        .withDetail(interval(over.interval(), metric.decimals()) + " \u00b7 "
                                + TableCell.text(over.median(), metric.decimals())));
            }
            rows.add(row);
        }
        return new Table(capital(name(metric)) + " under " + result.convention(), columns, rows);
    }

    /** Students against students in one score; against their baselines alone where there are any. */
    Table pairs(Metric metric) {
        boolean baselines = result.arms().stream()
                .anyMatch(arm -> !result.baselineOf(arm.name()).isEmpty());
        List<List<TableCell>> rows = new ArrayList<>();
        for (StudyResult.Pair pair : result.pairs()) {
            if (pair.score() != metric || (baselines && !pair.second().equals(result.baselineOf(pair.first())))) {
                continue;
            }
            PairedComparison c = pair.comparison();
            rows.add(Table.row(
                    name(pair.first()),
                    name(pair.second()),
                    TableCell.of(pair.region()),
                    TableCell.of(c.count()),
                    TableCell.of(c.difference(), metric.decimals())
                            .withDetail(interval(c.interval(), metric.decimals())),
                    new TableCell(c.wins() + " / " + c.ties() + " / " + c.losses(), "", "", c.wins() - c.losses()),
                    probability(c.p()),
                    probability(pair.holm()),
                    TableCell.of(c.rankBiserial(), 2),
                    TableCell.of(c.cohenDz(), 2)));
        }
        return new Table(
                capital(name(metric)) + ", paired by subject",
                List.of(
                        Table.Column.words("student"),
                        Table.Column.words("minus"),
                        Table.Column.words("region"),
                        Table.Column.numbers("subjects"),
                        Table.Column.numbers("difference"),
                        Table.Column.numbers("better / equal / worse"),
                        Table.Column.numbers("p"),
                        Table.Column.numbers("p (Holm)"),
                        Table.Column.numbers("rank-biserial"),
                        Table.Column.numbers("Cohen's d_z")),
                rows);
    }

    /** How far each student has come from its baseline to its teacher. */
    Table gaps(Metric metric) {
        List<List<TableCell>> rows = new ArrayList<>();
        for (StudyResult.Gap gap : result.gaps()) {
            if (gap.score() != metric) {
                continue;
            }
            double share = gap.closed().share();
            TableCell closed = Double.isNaN(share)
                    ? new TableCell("the teacher is no better", "", "", Double.NaN)
                    : new TableCell(percent(share), percents(gap.closed().interval()), "", share);
            rows.add(Table.row(
                    name(gap.student()),
                    name(result.baselineOf(gap.student())),
                    name(gap.teacher()),
                    TableCell.of(gap.region()),
                    TableCell.of(gap.closed().count()),
                    TableCell.of(gap.closed().gap(), metric.decimals()),
                    closed));
        }
        return new Table(
                capital(name(metric)) + ", share of the gap that is closed",
                List.of(
                        Table.Column.words("student"),
                        Table.Column.words("baseline"),
                        Table.Column.words("teacher"),
                        Table.Column.words("region"),
                        Table.Column.numbers("subjects"),
                        Table.Column.numbers("gap"),
                        Table.Column.numbers("closed")),
                rows);
    }

    /** Every cell and how it ended. */
    Table cells() {
        List<List<TableCell>> rows = new ArrayList<>();
        for (TrialState cell : result.cells()) {
            rows.add(Table.row(
                    TableCell.of(cell.name()),
                    TableCell.of(cell.arm()),
                    TableCell.of(cell.fold().isEmpty() ? TableCell.NONE : cell.fold()),
                    TableCell.of(cell.seed()),
                    TableCell.of(cell.hasFinished() ? "finished" : "failed: " + cell.error())));
        }
        return new Table(
                "Cells",
                List.of(
                        Table.Column.words("cell"),
                        Table.Column.words("arm"),
                        Table.Column.words("fold"),
                        Table.Column.numbers("seed"),
                        Table.Column.words("state")),
                rows);
    }

    /** A series; one whose scores hold subjects that leaked says so wherever it stands. */
    private TableCell name(String series) {
        return result.series().stream()
                .filter(one -> one.name().equals(series) && !one.leaked().isEmpty())
                .findFirst()
                .map(one -> TableCell.of(series)
                        .withMark("LEAKAGE: " + one.leaked().size() + " of "
                                + one.subjects().size()))
                .orElse(TableCell.of(series));
    }

    private static TableCell probability(double p) {
        return p < 0.0001 ? new TableCell("< 0.0001", "", "", p) : TableCell.of(p, 4);
    }

    private static String interval(Interval interval, int decimals) {
        return Double.isNaN(interval.low())
                ? ""
                : "[" + TableCell.text(interval.low(), decimals) + ", " + TableCell.text(interval.high(), decimals)
                        + "]";
    }

    private static String percents(Interval interval) {
        return Double.isNaN(interval.low())
                ? ""
                : "[" + percent(interval.low()) + ", " + percent(interval.high()) + "]";
    }

    private static String percent(double share) {
        return TableCell.text(100 * share, 0) + " %";
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
