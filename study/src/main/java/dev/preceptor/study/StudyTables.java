package dev.preceptor.study;

import dev.preceptor.metrics.Convention;
import dev.preceptor.report.Table;
import dev.preceptor.report.Value;
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
    static final List<Score> COMPARED = List.of(Score.DICE, Score.HD95);

    /** A score under the name that says which Dice it is. */
    String name(Score score) {
        if (score != Score.DICE) {
            return score.label();
        }
        return result.convention() == Convention.SLICE_MTCM ? Score.SLICE_DICE.label() : "volumetric Dice";
    }

    /** What every series earned in one score. */
    Table scores(Score score) {
        List<Table.Column> columns = new ArrayList<>();
        columns.add(Table.Column.words("network"));
        columns.add(Table.Column.words("sees"));
        columns.add(Table.Column.numbers("subjects"));
        Region.BRATS.forEach(region -> columns.add(Table.Column.numbers(region.name())));
        List<List<Value>> rows = new ArrayList<>();
        for (Series series : result.series()) {
            List<Value> row = new ArrayList<>();
            row.add(name(series.name()));
            row.add(Value.of(String.join(", ", series.inputs())));
            row.add(Value.of(series.subjects().size()));
            for (Region region : Region.BRATS) {
                Distribution over = result.summary(series.name(), region, score);
                row.add(Value.spread(over.mean(), over.deviation(), score.decimals())
                        .withDetail(interval(over.interval(), score.decimals()) + " \u00b7 "
                                + Value.text(over.median(), score.decimals())));
            }
            rows.add(row);
        }
        return new Table(capital(name(score)) + " under " + result.convention(), columns, rows);
    }

    /** Students against students in one score; against their baselines alone where there are any. */
    Table pairs(Score score) {
        boolean baselines = result.arms().stream()
                .anyMatch(arm -> !result.baselineOf(arm.name()).isEmpty());
        List<List<Value>> rows = new ArrayList<>();
        for (StudyResult.Pair pair : result.pairs()) {
            if (pair.score() != score || (baselines && !pair.second().equals(result.baselineOf(pair.first())))) {
                continue;
            }
            PairedComparison c = pair.comparison();
            rows.add(Table.row(
                    name(pair.first()),
                    name(pair.second()),
                    Value.of(pair.region()),
                    Value.of(c.count()),
                    Value.of(c.difference(), score.decimals()).withDetail(interval(c.interval(), score.decimals())),
                    new Value(c.wins() + " / " + c.ties() + " / " + c.losses(), "", "", c.wins() - c.losses()),
                    probability(c.p()),
                    probability(pair.holm()),
                    Value.of(c.rankBiserial(), 2),
                    Value.of(c.cohenDz(), 2)));
        }
        return new Table(
                capital(name(score)) + ", paired by subject",
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
    Table gaps(Score score) {
        List<List<Value>> rows = new ArrayList<>();
        for (StudyResult.Gap gap : result.gaps()) {
            if (gap.score() != score) {
                continue;
            }
            double share = gap.closed().share();
            Value closed = Double.isNaN(share)
                    ? new Value("the teacher is no better", "", "", Double.NaN)
                    : new Value(percent(share), percents(gap.closed().interval()), "", share);
            rows.add(Table.row(
                    name(gap.student()),
                    name(result.baselineOf(gap.student())),
                    name(gap.teacher()),
                    Value.of(gap.region()),
                    Value.of(gap.closed().count()),
                    Value.of(gap.closed().gap(), score.decimals()),
                    closed));
        }
        return new Table(
                capital(name(score)) + ", share of the gap that is closed",
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
        List<List<Value>> rows = new ArrayList<>();
        for (CellState cell : result.cells()) {
            rows.add(Table.row(
                    Value.of(cell.name()),
                    Value.of(cell.arm()),
                    Value.of(cell.fold().isEmpty() ? Value.NONE : cell.fold()),
                    Value.of(cell.seed()),
                    Value.of(cell.hasFinished() ? "finished" : "failed: " + cell.error())));
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
    private Value name(String series) {
        return result.series().stream()
                .filter(one -> one.name().equals(series) && !one.leaked().isEmpty())
                .findFirst()
                .map(one -> Value.of(series)
                        .withMark("LEAKAGE: " + one.leaked().size() + " of "
                                + one.subjects().size()))
                .orElse(Value.of(series));
    }

    private static Value probability(double p) {
        return p < 0.0001 ? new Value("< 0.0001", "", "", p) : Value.of(p, 4);
    }

    private static String interval(Interval interval, int decimals) {
        return Double.isNaN(interval.low())
                ? ""
                : "[" + Value.text(interval.low(), decimals) + ", " + Value.text(interval.high(), decimals) + "]";
    }

    private static String percents(Interval interval) {
        return Double.isNaN(interval.low())
                ? ""
                : "[" + percent(interval.low()) + ", " + percent(interval.high()) + "]";
    }

    private static String percent(double share) {
        return Value.text(100 * share, 0) + " %";
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
