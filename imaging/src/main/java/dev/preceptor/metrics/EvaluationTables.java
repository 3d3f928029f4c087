package dev.preceptor.metrics;

import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The tables of an evaluation. Where subjects leak, each has one column more that says so. Stateless. */
final class EvaluationTables {
    private EvaluationTables() {}

    /** {@code scores.csv}: a row for each subject and region, with every figure under the evaluation's convention. */
    static Table scores(Evaluation evaluation) {
        Map<String, ToDoubleFunction<RegionScore>> first = ScoreColumns.first();
        Map<String, ToDoubleFunction<RegionScore>> further = evaluation.cases().stream()
                .flatMap(c -> c.scores().values().stream())
                .findFirst()
                .map(score -> ScoreColumns.further(ScoreColumns.tolerances(score)))
                .orElse(Map.of());
        List<Table.Column> columns =
                new ArrayList<>(List.of(Table.Column.words("subject"), Table.Column.words("region")));
        first.keySet().forEach(name -> columns.add(Table.Column.numbers(name)));
        columns.add(Table.Column.words("convention"));
        further.keySet().forEach(name -> columns.add(Table.Column.numbers(name)));
        leakageColumn(evaluation, columns, "leakage");
        List<List<TableCell>> rows = new ArrayList<>();
        for (Evaluation.Case scored : evaluation.cases()) {
            scored.scores().forEach((region, score) -> {
                List<TableCell> row = start(scored, region);
                first.values().forEach(figure -> row.add(TableCell.of(figure.applyAsDouble(score), 4)));
                row.add(TableCell.of(evaluation.convention().toString()));
                further.values().forEach(figure -> row.add(TableCell.of(figure.applyAsDouble(score), 4)));
                leakageCell(evaluation, scored, row);
                rows.add(row);
            });
        }
        return new Table("Scores by subject and region", columns, rows);
    }

    /** {@code brats.csv}: the official table of BraTS after a column for the subject, by {@link Evaluation#rules()}. */
    static Table brats(Evaluation evaluation) {
        List<Table.Column> columns =
                new ArrayList<>(List.of(Table.Column.words("Subject"), Table.Column.words("Labels")));
        evaluation.cases().stream()
                .flatMap(c -> c.brats().values().stream())
                .findFirst()
                .ifPresent(score -> score.columns().keySet().forEach(name -> columns.add(Table.Column.numbers(name))));
        leakageColumn(evaluation, columns, "Leakage");
        List<List<TableCell>> rows = new ArrayList<>();
        for (Evaluation.Case scored : evaluation.cases()) {
            scored.brats().forEach((region, score) -> {
                List<TableCell> row = start(scored, region);
                score.columns().values().forEach(figure -> row.add(TableCell.of(figure, 4)));
                leakageCell(evaluation, scored, row);
                rows.add(row);
            });
        }
        String caption = evaluation.schema().schema().hasBratsRegions()
                ? "The table of BraTS by subject and region"
                : "Lesion by lesion, by subject and region";
        return new Table(caption, columns, rows);
    }

    /** Means over subjects, a row for each region. Volumes are in ml; {@code std} is the sample deviation of Dice. */
    static Table means(Evaluation evaluation) {
        Map<Table.Column, ToDoubleFunction<RegionScore>> figures = new LinkedHashMap<>();
        figures.put(Table.Column.numbers("HD95", "mm"), RegionScore::hd95Mm);
        figures.put(Table.Column.numbers("sensitivity"), RegionScore::sensitivity);
        figures.put(Table.Column.numbers("specificity"), RegionScore::specificity);
        figures.put(Table.Column.numbers("reference", "ml"), RegionScore::referenceMl);
        figures.put(Table.Column.numbers("predicted", "ml"), RegionScore::predictedMl);
        List<Table.Column> columns = new ArrayList<>(List.of(
                Table.Column.words("region"), Table.Column.numbers(dice(evaluation)), Table.Column.numbers("std")));
        columns.addAll(figures.keySet());
        boolean leaks = !evaluation.leaks().isEmpty();
        if (leaks) {
            columns.add(Table.Column.numbers(""));
        }
        List<List<TableCell>> rows = new ArrayList<>();
        for (Region region : evaluation.regions()) {
            List<TableCell> row = new ArrayList<>(List.of(
                    TableCell.of(region.name()),
                    TableCell.of(evaluation.mean(region, RegionScore::dice), 4),
                    TableCell.of(deviation(evaluation, region, RegionScore::dice), 4)));
            figures.forEach((column, figure) -> row.add(
                    TableCell.of(evaluation.mean(region, figure), column.unit().isEmpty() ? 4 : 2)));
            if (leaks) {
                row.add(TableCell.of("LEAKAGE"));
            }
            rows.add(row);
        }
        return new Table("Means over subjects", columns, rows);
    }

    private static String dice(Evaluation evaluation) {
        return evaluation.convention() == Convention.SLICE_MTCM ? "slice Dice" : "Dice";
    }

    /** Lesion-wise means of Dice and HD95 and sums of lesions, a row for each region of the rules. */
    static Table lesions(Evaluation evaluation, LesionRules rules) {
        List<List<TableCell>> rows = new ArrayList<>();
        for (Region region : rules.regions(evaluation.schema().schema())) {
            rows.add(Table.row(
                    TableCell.of(region.name()),
                    TableCell.of(mean(lesions(evaluation, region, LesionWise::dice)), 4),
                    TableCell.of(mean(lesions(evaluation, region, LesionWise::hd95Mm)), 2),
                    TableCell.of(lesions(evaluation, region, LesionWise::found).sum(), 0),
                    TableCell.of(lesions(evaluation, region, LesionWise::missed).sum(), 0),
                    TableCell.of(
                            lesions(evaluation, region, LesionWise::falsePositives)
                                    .sum(),
                            0)));
        }
        return new Table(
                "lesion by lesion, " + rules,
                List.of(
                        Table.Column.words("region"),
                        Table.Column.numbers("Dice"),
                        Table.Column.numbers("HD95", "mm"),
                        Table.Column.numbers("found"),
                        Table.Column.numbers("missed"),
                        Table.Column.numbers("false")),
                rows);
    }

    private static List<TableCell> start(Evaluation.Case scored, Region region) {
        return new ArrayList<>(List.of(TableCell.of(scored.subject()), TableCell.of(region.toString())));
    }

    private static void leakageColumn(Evaluation evaluation, List<Table.Column> columns, String name) {
        if (!evaluation.leaks().isEmpty()) {
            columns.add(Table.Column.words(name));
        }
    }

    private static void leakageCell(Evaluation evaluation, Evaluation.Case scored, List<TableCell> row) {
        if (!evaluation.leaks().isEmpty()) {
            row.add(TableCell.of(evaluation.leaks().getOrDefault(scored.subject(), "")));
        }
    }

    private static DoubleStream lesions(Evaluation evaluation, Region region, ToDoubleFunction<LesionWise> figure) {
        return evaluation.cases().stream()
                .mapToDouble(c -> figure.applyAsDouble(c.brats().get(region).lesions()));
    }

    private static double mean(DoubleStream values) {
        return values.average().orElse(Double.NaN);
    }

    /** The sample standard deviation over the subjects for which the figure is defined; NaN for fewer than two. */
    private static double deviation(Evaluation evaluation, Region region, ToDoubleFunction<RegionScore> figure) {
        double mean = evaluation.mean(region, figure);
        double[] squares = evaluation.cases().stream()
                .mapToDouble(c -> Math.pow(figure.applyAsDouble(c.scores().get(region)) - mean, 2))
                .filter(square -> !Double.isNaN(square))
                .toArray();
        return squares.length < 2
                ? Double.NaN
                : Math.sqrt(DoubleStream.of(squares).sum() / (squares.length - 1));
    }
}
