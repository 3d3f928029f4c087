package dev.preceptor.report;

import dev.preceptor.html.Block;
import dev.preceptor.html.ColorRole;
import dev.preceptor.html.HtmlTable;
import dev.preceptor.html.Page;
import dev.preceptor.html.PairedPlot;
import dev.preceptor.html.Snippet;
import dev.preceptor.metrics.Calibration;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.LesionRules;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.metrics.ReliabilityDiagram;
import dev.preceptor.statistics.Bootstrap;
import dev.preceptor.statistics.Distribution;
import dev.preceptor.table.LatexTable;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The report of an evaluation, a page.
 *
 * @param evaluation that is reported
 * @param predictions file or folder of the predictions
 * @param references file or folder of the references; if it is a cohort, the gallery shows its images
 * @param predictionSchema of the predictions; empty if it is that of the references
 */
public record EvaluationReport(
        Evaluation evaluation, Path predictions, Path references, Optional<LabelSpace> predictionSchema) {
    private static final String MEDIAN = "median";

    /**
     * Writes {@code report/index.html} below a folder and returns the file.
     *
     * @throws dev.preceptor.base.PreceptorException if it cannot be written
     */
    public Path write(Path folder) {
        return page().write(folder);
    }

    /** The ids of the subjects whose slices are drawn, worst first: the report reads their images and label maps. */
    public List<String> drawn() {
        return new EvaluationGallery(evaluation, references, predictionSchema)
                .worst().stream().map(Evaluation.Case::subject).toList();
    }

    Page page() {
        List<Page.Section> sections = new ArrayList<>();
        Table means = means();
        sections.add(new Page.Section("Scores", List.of(new HtmlTable(means), new Block.Note(note()))));
        List<Block> plots = new ArrayList<>(List.of(plot(dice(), true, 3, RegionScore::dice)));
        if (evaluation.convention().hasDistances()) {
            plots.add(plot("HD95 mm", false, 1, RegionScore::hd95Mm));
        }
        sections.add(new Page.Section(
                "Subject by subject",
                List.of(
                        new Block.Note(
                                "A dot is a subject, a line joins its regions; beside the dots the median and the"
                                        + " quartiles."),
                        new Block.SideBySide(plots))));
        if (evaluation.cases().stream().anyMatch(c -> !c.calibration().isEmpty())) {
            sections.add(new Page.Section("Calibration", calibration()));
        }
        sections.add(new Page.Section(
                "Worst cases first", new EvaluationGallery(evaluation, references, predictionSchema).blocks()));
        sections.add(new Page.Section("Every subject", List.of(new HtmlTable(subjects()))));
        sections.add(new Page.Section(
                "To paste",
                List.of(
                        new Snippet("LaTeX table", LatexTable.render(means.without(MEDIAN))),
                        new Snippet("CSV, one line a subject and region", EvaluationFiles.scoresCsv(evaluation)))));
        return ReportPages.of("evaluation", title(), facts(), warnings(), sections);
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!evaluation.leaks().isEmpty()) {
            warnings.add(leakage()
                    + ": a model behind the predictions was trained on these subjects, selected by them, or"
                    + " learned from their images; their scores can be too good. The table of subjects says which.");
        }
        warnings.addAll(evaluation.warnings());
        return warnings;
    }

    private String leakage() {
        return "LEAKAGE: " + evaluation.leaks().size() + " of "
                + evaluation.cases().size() + " scored subjects";
    }

    private String title() {
        return predictions.toAbsolutePath().normalize().getFileName() + " against "
                + references.toAbsolutePath().normalize().getFileName();
    }

    private List<Page.Fact> facts() {
        List<Page.Fact> facts = new ArrayList<>();
        facts.add(new Page.Fact("subjects", String.valueOf(evaluation.cases().size())));
        facts.add(new Page.Fact("convention", evaluation.convention().name()));
        if (evaluation.convention().hasDistances()) {
            facts.add(new Page.Fact(
                    "distances", evaluation.convention().hausdorff().name()));
        }
        facts.add(new Page.Fact("predictions", predictions.toString()));
        facts.add(new Page.Fact("references", references.toString()));
        facts.add(new Page.Fact(
                "labels",
                evaluation.schema().schema() + ", " + evaluation.schema().reason()));
        evaluation.rules().map(LesionRules::toString).ifPresent(rules -> facts.add(new Page.Fact("lesions", rules)));
        facts.add(unpaired("without a prediction", evaluation.unmatchedReferences()));
        facts.add(unpaired("without a reference", evaluation.unmatchedPredictions()));
        return facts;
    }

    private static Page.Fact unpaired(String what, List<String> ids) {
        return new Page.Fact(what, ids.isEmpty() ? "none" : ids.size() + ": " + String.join(", ", ids));
    }

    private String dice() {
        return evaluation.convention() == Convention.SLICE_MTCM ? "slice Dice (MTCM)" : "volumetric Dice";
    }

    private String note() {
        return "Mean \u00b1 standard deviation over subjects, below it the bootstrap 95 % interval of the mean. The convention "
                + evaluation.convention()
                + " decides what an empty region scores; where it leaves the score of some subjects undefined, the count of those"
                + " that mean and median are over stands beside the mean. The slice Dice of MTCM-KD cannot be compared with volumetric Dice.";
    }

    private Table means() {
        List<List<TableCell>> rows = new ArrayList<>();
        Map<String, ToDoubleFunction<RegionScore>> figures = new LinkedHashMap<>();
        figures.put(dice(), RegionScore::dice);
        figures.put("HD95 mm", RegionScore::hd95Mm);
        figures.put("Sensitivity", RegionScore::sensitivity);
        figures.put("Specificity", RegionScore::specificity);
        if (evaluation.convention() != Convention.SLICE_MTCM) {
            figures.put("slice Dice (MTCM)", RegionScore::sliceDice);
        }
        figures.put("Volume difference ml", RegionScore::volumeDifferenceMl);
        for (Map.Entry<String, ToDoubleFunction<RegionScore>> figure : figures.entrySet()) {
            int decimals = figure.getKey().matches(".* (mm|ml)") ? 1 : 3;
            List<TableCell> row = new ArrayList<>();
            row.add(TableCell.of(figure.getKey()).withMark(evaluation.leaks().isEmpty() ? "" : leakage()));
            for (Region region : evaluation.regions()) {
                Distribution over = Distribution.of(values(region, figure.getValue()), Bootstrap.DEFAULTS);
                row.add(new TableCell.Estimate(
                        new TableCell.Mean(over.mean(), over.deviation(), decimals)
                                .over(over.count(), evaluation.cases().size()),
                        TableCell.of(over.interval().low(), decimals),
                        TableCell.of(over.interval().high(), decimals)));
                row.add(TableCell.of(over.median(), decimals));
            }
            rows.add(row);
        }
        List<Table.Column> columns = new ArrayList<>();
        columns.add(Table.Column.words("score"));
        for (Region region : evaluation.regions()) {
            columns.add(Table.Column.numbers(region.name()));
            columns.add(Table.Column.numbers(MEDIAN));
        }
        return new Table(
                "Scores under " + evaluation.convention() + ", " + dice() + ", over "
                        + evaluation.cases().size() + " subjects",
                columns,
                rows);
    }

    private double[] values(Region region, ToDoubleFunction<RegionScore> figure) {
        return evaluation.cases().stream()
                .mapToDouble(c -> figure.applyAsDouble(c.scores().get(region)))
                .toArray();
    }

    private PairedPlot plot(String title, boolean isShare, int decimals, ToDoubleFunction<RegionScore> figure) {
        List<PairedPlot.Group> groups = new ArrayList<>();
        for (Region region : evaluation.regions()) {
            Map<String, Double> values = new LinkedHashMap<>();
            evaluation
                    .cases()
                    .forEach(c -> values.put(
                            c.subject(), figure.applyAsDouble(c.scores().get(region))));
            groups.add(new PairedPlot.Group(region.name(), ColorRole.STUDENT, values));
        }
        return new PairedPlot(title, isShare, decimals, groups);
    }

    private List<Block> calibration() {
        List<Block> plots = new ArrayList<>();
        List<List<TableCell>> rows = new ArrayList<>();
        for (Region region : evaluation.regions()) {
            List<Calibration> found = evaluation.cases().stream()
                    .flatMap(c -> Optional.ofNullable(c.calibration().get(region)).stream())
                    .toList();
            if (found.isEmpty()) {
                continue;
            }
            List<ReliabilityDiagram> near =
                    found.stream().map(Calibration::aroundTumour).toList();
            List<ReliabilityDiagram> all =
                    found.stream().map(Calibration::everywhere).toList();
            plots.add(new ReliabilityPlot(region + ", around the tumour", pooled(near)));
            rows.add(Table.row(
                    TableCell.of(region.name()),
                    TableCell.of(found.size()),
                    TableCell.of(mean(near, ReliabilityDiagram::brier), 4),
                    TableCell.of(mean(near, ReliabilityDiagram::expectedError), 4),
                    TableCell.of(mean(all, ReliabilityDiagram::brier), 4),
                    TableCell.of(mean(all, ReliabilityDiagram::expectedError), 4)));
        }
        return List.of(
                new Block.SideBySide(plots),
                new HtmlTable(new Table(
                        "Calibration, means over subjects; expected calibration error over " + ReliabilityDiagram.BINS
                                + " bins",
                        List.of(
                                Table.Column.words("region"),
                                Table.Column.numbers("subjects"),
                                Table.Column.numbers("Brier, near tumour"),
                                Table.Column.numbers("ECE, near tumour"),
                                Table.Column.numbers("Brier, everywhere"),
                                Table.Column.numbers("ECE, everywhere")),
                        rows)));
    }

    private static double mean(List<ReliabilityDiagram> all, ToDoubleFunction<ReliabilityDiagram> figure) {
        return all.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    /** The bins of all subjects together; each voxel counts once. */
    private static List<ReliabilityDiagram.Bin> pooled(List<ReliabilityDiagram> all) {
        List<ReliabilityDiagram.Bin> bins = new ArrayList<>();
        for (int i = 0; i < ReliabilityDiagram.BINS; i++) {
            int bin = i;
            List<ReliabilityDiagram.Bin> own = all.stream()
                    .map(one -> one.bins().get(bin))
                    .filter(one -> one.voxels() > 0)
                    .toList();
            long voxels = own.stream().mapToLong(ReliabilityDiagram.Bin::voxels).sum();
            bins.add(new ReliabilityDiagram.Bin(
                    voxels,
                    own.stream()
                                    .mapToDouble(b -> b.meanProbability() * b.voxels())
                                    .sum()
                            / voxels,
                    own.stream().mapToDouble(b -> b.frequency() * b.voxels()).sum() / voxels));
        }
        return bins;
    }

    private Table subjects() {
        List<Table.Column> columns = new ArrayList<>(List.of(Table.Column.words("subject")));
        for (Region region : evaluation.regions()) {
            columns.add(Table.Column.numbers(region + " Dice"));
            columns.add(Table.Column.numbers(region + " HD95", "mm"));
            columns.add(Table.Column.numbers(region + " reference", "ml"));
            columns.add(Table.Column.numbers(region + " predicted", "ml"));
        }
        List<List<TableCell>> rows = new ArrayList<>();
        for (Evaluation.Case scored : evaluation.cases()) {
            String leak = evaluation.leaks().getOrDefault(scored.subject(), "");
            TableCell.Words name = TableCell.of(scored.subject());
            List<TableCell> row = new ArrayList<>();
            row.add(leak.isEmpty() ? name : name.withMark("LEAKAGE").withDetail(leak));
            for (Region region : evaluation.regions()) {
                RegionScore score = scored.scores().get(region);
                row.add(TableCell.of(score.dice(), 3));
                row.add(TableCell.of(score.hd95Mm(), 1));
                row.add(TableCell.of(score.referenceMl(), 1));
                row.add(TableCell.of(score.predictedMl(), 1));
            }
            rows.add(row);
        }
        return new Table("Every subject, " + dice() + " under " + evaluation.convention(), columns, rows);
    }
}
