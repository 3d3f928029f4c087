package dev.preceptor.study;

import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.statistics.Spread;
import dev.preceptor.table.MarkdownTable;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.table.TextTable;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Models side by side, a row for each region and metric. With several seeds a cell holds the mean over seeds of the mean over
 * subjects, and the deviation over seeds; with one seed the mean and the deviation over subjects.
 *
 * @param seeds count of the seeds
 * @param subjects count of the scored subjects
 * @param columns names of the models; the difference of two of them is the last column if it was asked for
 * @param rows Dice, then HD95 in mm
 */
public record ComparisonTable(int seeds, int subjects, List<String> columns, List<Row> rows) {
    private static final int FIRST_WIDTH = 14;
    private static final int WIDTH = 20;

    /**
     * One metric of one region.
     *
     * @param figure name of the metric, with its unit
     * @param decimals that are written
     * @param cells in the order of the columns
     */
    public record Row(Region region, String figure, int decimals, List<Spread> cells) {
        public Row {
            cells = List.copyOf(cells);
        }
    }

    public ComparisonTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /**
     * Compares models.
     *
     * @param evaluations by model, one for each seed in the same order, over the same subjects
     * @param first the model from which {@code second} is subtracted for the last column, pair by pair; empty for none
     * @param second the model that is subtracted; empty for none
     */
    public static ComparisonTable of(
            Map<String, List<Evaluation>> evaluations, Optional<String> first, Optional<String> second) {
        Map<String, List<Evaluation>> all = Collections.unmodifiableMap(new LinkedHashMap<>(evaluations));
        List<Evaluation> evaluated = all.values().iterator().next();
        List<String> columns = new ArrayList<>(all.keySet());
        boolean hasDifference = first.isPresent() && second.isPresent();
        if (hasDifference) {
            columns.add(first.get() + " - " + second.get());
        }
        List<Row> rows = new ArrayList<>();
        for (Region region : evaluated.get(0).regions()) {
            rows.add(row(all, first, second, region, "Dice", 3, RegionScore::dice));
        }
        for (Region region : evaluated.get(0).regions()) {
            rows.add(row(all, first, second, region, "HD95 mm", 1, RegionScore::hd95Mm));
        }
        return new ComparisonTable(evaluated.size(), evaluated.get(0).cases().size(), columns, rows);
    }

    private static Row row(
            Map<String, List<Evaluation>> all,
            Optional<String> first,
            Optional<String> second,
            Region region,
            String figure,
            int decimals,
            ToDoubleFunction<RegionScore> score) {
        Map<String, List<Double>> samples = new LinkedHashMap<>();
        all.forEach((name, evaluations) -> samples.put(name, samples(evaluations, region, score)));
        List<Spread> cells =
                new ArrayList<>(samples.values().stream().map(Spread::of).toList());
        if (first.isPresent() && second.isPresent()) {
            List<Double> minuends = samples.get(first.get());
            List<Double> subtrahends = samples.get(second.get());
            cells.add(Spread.of(IntStream.range(0, minuends.size())
                    .mapToObj(i -> minuends.get(i) - subtrahends.get(i))
                    .toList()));
        }
        return new Row(region, figure, decimals, cells);
    }

    private static List<Double> samples(
            List<Evaluation> evaluations, Region region, ToDoubleFunction<RegionScore> score) {
        if (evaluations.size() > 1) {
            return evaluations.stream().map(e -> e.mean(region, score)).toList();
        }
        return evaluations.get(0).cases().stream()
                .map(c -> score.applyAsDouble(c.scores().get(region)))
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
                .mapToInt(row -> (row.region() + " " + row.figure()).length() + 2)
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
            List<TableCell> line = new ArrayList<>(List.of(TableCell.of(row.region() + " " + row.figure())));
            row.cells().forEach(cell -> line.add(new TableCell.Mean(cell.mean(), cell.deviation(), row.decimals())));
            lines.add(line);
        }
        return new Table(caption(), headings, lines);
    }
}
