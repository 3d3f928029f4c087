package dev.preceptor.study;

import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.statistics.Spread;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Competitors side by side, a row for each region and figure. With several seeds a cell is the mean over seeds of the mean
 * over subjects, and the spread over seeds; with one seed the mean and the spread over subjects.
 *
 * @param seeds how many
 * @param subjects how many were scored
 * @param columns names of the competitors, and last of their difference if one was asked for
 * @param rows the figures
 */
public record ComparisonTable(int seeds, int subjects, List<String> columns, List<Row> rows) {
    /**
     * One figure of one region.
     *
     * @param decimals how many are worth printing
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
     * Compares.
     *
     * @param evaluations by competitor, one for each seed in the same order, over the same subjects
     * @param winner whose lead over {@code rival} is the last column, pair by pair; empty for none
     */
    public static ComparisonTable of(
            Map<String, List<Evaluation>> evaluations, Optional<String> winner, Optional<String> rival) {
        Map<String, List<Evaluation>> all = Collections.unmodifiableMap(new LinkedHashMap<>(evaluations));
        List<Evaluation> first = all.values().iterator().next();
        List<String> columns = new ArrayList<>(all.keySet());
        boolean difference = winner.isPresent() && rival.isPresent();
        if (difference) {
            columns.add(winner.get() + " - " + rival.get());
        }
        List<Row> rows = new ArrayList<>();
        for (Region region : Region.BRATS) {
            rows.add(row(all, winner, rival, region, "Dice", 3, RegionScore::dice));
        }
        for (Region region : Region.BRATS) {
            rows.add(row(all, winner, rival, region, "HD95 mm", 1, RegionScore::hd95Mm));
        }
        return new ComparisonTable(first.size(), first.get(0).cases().size(), columns, rows);
    }

    private static Row row(
            Map<String, List<Evaluation>> all,
            Optional<String> winner,
            Optional<String> rival,
            Region region,
            String figure,
            int decimals,
            ToDoubleFunction<RegionScore> score) {
        Map<String, List<Double>> samples = new LinkedHashMap<>();
        all.forEach((name, evaluations) -> samples.put(name, samples(evaluations, region, score)));
        List<Spread> cells =
                new ArrayList<>(samples.values().stream().map(Spread::of).toList());
        if (winner.isPresent() && rival.isPresent()) {
            List<Double> ours = samples.get(winner.get());
            List<Double> theirs = samples.get(rival.get());
            cells.add(Spread.of(IntStream.range(0, ours.size())
                    .mapToObj(i -> ours.get(i) - theirs.get(i))
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

    /** What the cells are, in a sentence. */
    public String caption() {
        return seeds > 1
                ? "mean over " + seeds + " seeds of the mean over " + subjects
                        + " unseen subjects, and the spread over seeds"
                : "mean over " + subjects + " unseen subjects, and the spread over subjects";
    }

    /** For a terminal. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-14s", ""));
        columns.forEach(name -> text.append(String.format(Locale.ROOT, "%20s", name)));
        text.append('\n');
        for (Row row : rows) {
            text.append(String.format(Locale.ROOT, "%-14s", row.region() + " " + row.figure()));
            row.cells().forEach(cell -> text.append(String.format(Locale.ROOT, "%20s", plain(cell, row.decimals()))));
            text.append('\n');
        }
        return text.append(caption()).append('\n').toString();
    }

    /** For a README or a note. */
    public String toMarkdown() {
        StringBuilder text = new StringBuilder("| |");
        columns.forEach(name -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|").append("---:|".repeat(columns.size())).append('\n');
        for (Row row : rows) {
            text.append("| ")
                    .append(row.region())
                    .append(' ')
                    .append(row.figure())
                    .append(" |");
            row.cells()
                    .forEach(cell ->
                            text.append(' ').append(plain(cell, row.decimals())).append(" |"));
            text.append('\n');
        }
        return text.append("\n").append(caption()).append(".\n").toString();
    }

    private static String plain(Spread cell, int decimals) {
        if (Double.isNaN(cell.mean())) {
            return "none";
        }
        String number = "%." + decimals + "f";
        String mean = String.format(Locale.ROOT, number, cell.mean());
        return Double.isNaN(cell.deviation())
                ? mean
                : mean + " ± " + String.format(Locale.ROOT, number, cell.deviation());
    }
}
