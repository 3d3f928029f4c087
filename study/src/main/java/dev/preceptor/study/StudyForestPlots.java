package dev.preceptor.study;

import dev.preceptor.html.Block;
import dev.preceptor.html.ForestPlot;
import dev.preceptor.statistics.PairedComparison;
import java.util.ArrayList;
import java.util.List;

/**
 * The forest plots of a study: the arm of interest minus its baseline and controls; without such an arm, each student minus its
 * baseline.
 *
 * @param result of the study
 */
record StudyForestPlots(StudyResult result) {
    /** A comparison of two students. */
    private record Comparison(
            String name, String control, String region, Metric metric, PairedComparison paired, List<Double> bySeed) {}

    /** Dice, a plot for each region; then HD95 in all regions. Empty if nothing is compared. */
    List<Block> blocks() {
        StudyTables tables = new StudyTables(result);
        List<Comparison> all = result.controls().isEmpty() ? ofPairs(tables) : ofControls();
        List<Block> plots = new ArrayList<>();
        for (String region : result.regions()) {
            add(plots, region + ", difference in " + tables.name(Metric.DICE), Metric.DICE, ofRegion(all, region));
        }
        List<Comparison> everywhere = new ArrayList<>();
        result.regions()
                .forEach(region -> ofRegion(all, region).stream()
                        .map(one -> new Comparison(
                                region + ", " + one.name(),
                                one.control(),
                                region,
                                one.metric(),
                                one.paired(),
                                one.bySeed()))
                        .forEach(everywhere::add));
        add(plots, "Difference in HD95 in mm", Metric.HD95, everywhere);
        return plots;
    }

    private static List<Comparison> ofRegion(List<Comparison> all, String region) {
        return all.stream().filter(one -> one.region().equals(region)).toList();
    }

    private void add(List<Block> plots, String title, Metric metric, List<Comparison> comparisons) {
        List<ForestPlot.Row> rows = comparisons.stream()
                .filter(one -> one.metric() == metric)
                .map(one -> new ForestPlot.Row(
                        one.name(),
                        one.control(),
                        one.paired().difference(),
                        one.paired().interval().low(),
                        one.paired().interval().high(),
                        result.seeds().size() > 1 ? one.bySeed() : List.of()))
                .toList();
        if (!rows.isEmpty()) {
            boolean higher = metric.higherIsBetter();
            plots.add(new ForestPlot(
                    title, metric.decimals(), higher ? "worse" : "better", higher ? "better" : "worse", rows));
        }
    }

    private List<Comparison> ofControls() {
        return result.controls().stream()
                .map(one -> new Comparison(
                        one.first() + " \u2212 " + one.second(),
                        one.control(),
                        one.region(),
                        one.score(),
                        one.comparison(),
                        one.bySeed()))
                .toList();
    }

    private List<Comparison> ofPairs(StudyTables tables) {
        return tables.shownPairs().stream()
                .map(pair -> new Comparison(
                        pair.first() + " \u2212 " + pair.second(),
                        "",
                        pair.region(),
                        pair.score(),
                        pair.comparison(),
                        differences(pair)))
                .toList();
    }

    private List<Double> differences(StudyResult.Pair pair) {
        Series first = series(pair.first());
        Series second = series(pair.second());
        return first.differences(second, pair.region(), pair.score(), StudyResult.common(first, second));
    }

    private Series series(String name) {
        return result.series().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
