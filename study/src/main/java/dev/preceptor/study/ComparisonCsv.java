package dev.preceptor.study;

import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.PairedComparison;
import dev.preceptor.table.CsvTable;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code comparison.csv}: a row for each network, region and metric, with its comparison to the baseline and the gap that it
 * closes where there are any; and {@code controls.csv}: a row for each comparison of the arm of interest.
 *
 * @param result of the study
 */
record ComparisonCsv(StudyResult result) {
    private static final List<String> SUMMARY = List.of(
            "series",
            "role",
            "inputs",
            "leaked_subjects",
            "region",
            "score",
            "subjects",
            "mean",
            "sd",
            "median",
            "low",
            "high");
    private static final List<String> BASELINE = List.of(
            "baseline",
            "difference",
            "difference_low",
            "difference_high",
            "wins",
            "ties",
            "losses",
            "p",
            "p_holm",
            "rank_biserial",
            "cohen_dz");
    private static final List<String> GAP =
            List.of("teacher", "gap_closed", "gap_closed_low", "gap_closed_high", "gap", "gap_low", "gap_high");
    /** The last column, which says what the scores DICE and HD95 are. */
    private static final String CONVENTION = "convention";

    private static final List<String> CONTROLS = List.of(
            "subject",
            "other",
            "control",
            "region",
            "score",
            "subjects",
            "difference",
            "difference_low",
            "difference_high",
            "wins",
            "ties",
            "losses",
            "p",
            "p_holm");

    /** The content of {@code comparison.csv}. */
    String text() {
        return CsvTable.render(table());
    }

    private Table table() {
        List<Table.Column> columns = Stream.of(SUMMARY, BASELINE, GAP, List.of(CONVENTION))
                .flatMap(List::stream)
                .map(Table.Column::words)
                .toList();
        List<List<TableCell>> rows = new ArrayList<>();
        for (StudyResult.Summary summary : result.summaries()) {
            List<TableCell> row = new ArrayList<>(summary(summary));
            row.addAll(baseline(summary));
            row.addAll(gap(summary));
            row.add(convention());
            rows.add(row);
        }
        return new Table("Scores by network, region and metric", columns, rows);
    }

    /** The content of {@code controls.csv}: its last columns are the differences by seed and the convention. */
    String controls() {
        List<String> names = new ArrayList<>(CONTROLS);
        result.seeds().forEach(seed -> names.add("difference_seed" + seed));
        names.add(CONVENTION);
        List<List<TableCell>> rows = new ArrayList<>();
        for (StudyResult.Control one : result.controls()) {
            PairedComparison comparison = one.comparison();
            List<TableCell> row = new ArrayList<>(List.of(
                    TableCell.of(one.first()),
                    TableCell.of(one.second()),
                    TableCell.of(one.control()),
                    TableCell.of(one.region()),
                    TableCell.of(one.score().name()),
                    TableCell.of(comparison.count()),
                    figure(comparison.difference()),
                    figure(comparison.interval().low()),
                    figure(comparison.interval().high()),
                    TableCell.of(comparison.wins()),
                    TableCell.of(comparison.ties()),
                    TableCell.of(comparison.losses()),
                    figure(comparison.p()),
                    figure(one.holm())));
            one.bySeed().forEach(value -> row.add(figure(value)));
            row.add(convention());
            rows.add(row);
        }
        List<Table.Column> columns = names.stream().map(Table.Column::words).toList();
        return CsvTable.render(new Table("The gain and its controls", columns, rows));
    }

    private List<TableCell> summary(StudyResult.Summary summary) {
        Series series = result.series().stream()
                .filter(one -> one.name().equals(summary.series()))
                .findFirst()
                .orElseThrow();
        Distribution subjects = summary.subjects();
        return List.of(
                TableCell.of(series.name()),
                TableCell.of(series.role()),
                TableCell.of(String.join("+", series.inputs())),
                TableCell.of(series.leaked().size()),
                TableCell.of(summary.region()),
                TableCell.of(summary.score().name()),
                TableCell.of(subjects.count()),
                figure(subjects.mean()),
                figure(subjects.deviation()),
                figure(subjects.median()),
                figure(subjects.interval().low()),
                figure(subjects.interval().high()));
    }

    private List<TableCell> baseline(StudyResult.Summary summary) {
        return result.pairs().stream()
                .filter(pair -> pair.first().equals(summary.series())
                        && pair.region().equals(summary.region())
                        && pair.score() == summary.score())
                .filter(pair -> pair.second().equals(result.baselineOf(pair.first())))
                .findFirst()
                .<List<TableCell>>map(pair -> List.of(
                        TableCell.of(pair.second()),
                        figure(pair.comparison().difference()),
                        figure(pair.comparison().interval().low()),
                        figure(pair.comparison().interval().high()),
                        TableCell.of(pair.comparison().wins()),
                        TableCell.of(pair.comparison().ties()),
                        TableCell.of(pair.comparison().losses()),
                        figure(pair.comparison().p()),
                        figure(pair.holm()),
                        figure(pair.comparison().rankBiserial()),
                        figure(pair.comparison().cohenDz())))
                .orElse(empty(BASELINE));
    }

    private List<TableCell> gap(StudyResult.Summary summary) {
        return result.gaps().stream()
                .filter(gap -> gap.student().equals(summary.series())
                        && gap.region().equals(summary.region())
                        && gap.score() == summary.score())
                .findFirst()
                .<List<TableCell>>map(gap -> List.of(
                        TableCell.of(gap.teacher()),
                        figure(gap.closed().share()),
                        figure(gap.closed().interval().low()),
                        figure(gap.closed().interval().high()),
                        figure(gap.closed().gap()),
                        figure(gap.closed().gapInterval().low()),
                        figure(gap.closed().gapInterval().high())))
                .orElse(empty(GAP));
    }

    private TableCell convention() {
        return TableCell.of(result.convention().name());
    }

    private static List<TableCell> empty(List<String> columns) {
        return columns.stream().<TableCell>map(column -> TableCell.of("")).toList();
    }

    private static TableCell figure(double value) {
        return TableCell.of(value, 4);
    }
}
