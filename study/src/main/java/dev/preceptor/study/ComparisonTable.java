package dev.preceptor.study;

import dev.preceptor.statistics.Spread;
import dev.preceptor.table.MarkdownTable;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.table.TextTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Networks of a study side by side, a row for each region and metric. With several seeds a cell holds the mean over seeds of the mean over
 * subjects, and the deviation over seeds; with one seed the mean and the deviation over subjects.
 *
 * @param seeds count of the seeds
 * @param subjects count of the scored subjects
 * @param columns names of the networks, then the difference of two of them
 * @param rows Dice, then HD95 in mm
 */
public record ComparisonTable(int seeds, int subjects, List<String> columns, List<Row> rows) {
    private static final int FIRST_WIDTH = 14;
    private static final int WIDTH = 20;

    /**
     * One metric of one region.
     *
     * @param region its name
     * @param cells in the order of the columns
     */
    public record Row(String region, Metric metric, List<Spread> cells) {
        public Row {
            cells = List.copyOf(cells);
        }
    }

    public ComparisonTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /**
     * Compares networks of a study.
     *
     * @param networks by the names of their columns
     * @param seeds count of the seeds of the study
     * @param first the column from which {@code second} is subtracted for the last column
     * @param second the column that is subtracted, by subject and seed
     */
    static ComparisonTable of(Map<String, Series> networks, int seeds, String first, String second) {
        Series any = networks.values().iterator().next();
        List<String> columns = new ArrayList<>(networks.keySet());
        columns.add(first + " - " + second);
        List<Row> rows = new ArrayList<>();
        for (Metric metric : List.of(Metric.DICE, Metric.HD95)) {
            for (String region : any.values().keySet()) {
                List<Spread> cells = new ArrayList<>();
                networks.values().forEach(series -> cells.add(Spread.of(samples(series, seeds, region, metric))));
                cells.add(Spread.of(differences(networks.get(first), networks.get(second), seeds, region, metric)));
                rows.add(new Row(region, metric, cells));
            }
        }
        return new ComparisonTable(seeds, any.subjects().size(), columns, rows);
    }

    /** One value for each seed, the mean over the subjects that both have; or with one seed one value for each subject. */
    private static List<Double> differences(Series first, Series second, int seeds, String region, Metric metric) {
        return seeds == 1
                ? first.subjects().stream()
                        .map(id -> first.differences(second, region, metric, List.of(id))
                                .get(0))
                        .toList()
                : first.differences(second, region, metric, first.subjects());
    }

    /** One value for each seed, the mean over subjects; or with one seed one value for each subject. */
    private static List<Double> samples(Series series, int seeds, String region, Metric metric) {
        Collection<List<Double>> bySubject =
                series.values().get(region).get(metric).values();
        if (seeds == 1) {
            return bySubject.stream().map(values -> values.get(0)).toList();
        }
        return IntStream.range(0, seeds)
                .mapToObj(seed -> Spread.of(bySubject.stream()
                                .map(values -> values.get(seed))
                                .toList())
                        .mean())
                .toList();
    }

    /** What the cells hold, in a sentence. */
    public String caption() {
        return seeds > 1
                ? "mean over " + seeds + " seeds of the mean over " + subjects
                        + " unseen subjects, and the spread over seeds"
                : "mean over " + subjects + " unseen subjects, and the spread over subjects";
    }

    /** For a terminal. */
    public String toText() {
        int first = rows.stream()
                .mapToInt(row -> (row.region() + " " + row.metric().label()).length() + 2)
                .reduce(FIRST_WIDTH, Math::max);
        TextTable terminal = TextTable.of(NumberStyle.PLAIN, first, columns.size(), WIDTH);
        return terminal.render(table()) + caption() + "\n";
    }

    /** For a README or a note. */
    public String toMarkdown() {
        return MarkdownTable.render(table()) + "\n" + caption() + ".\n";
    }

    private Table table() {
        List<Table.Column> headings = new ArrayList<>(List.of(Table.Column.words("")));
        columns.forEach(name -> headings.add(Table.Column.numbers(name)));
        List<List<TableCell>> lines = new ArrayList<>();
        for (Row row : rows) {
            List<TableCell> line = new ArrayList<>(
                    List.of(TableCell.of(row.region() + " " + row.metric().label())));
            row.cells()
                    .forEach(cell -> line.add(new TableCell.Mean(
                            cell.mean(), cell.deviation(), row.metric().decimals())));
            lines.add(line);
        }
        return new Table(caption(), headings, lines);
    }
}
