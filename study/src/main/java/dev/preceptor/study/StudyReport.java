package dev.preceptor.study;

import dev.preceptor.html.Block;
import dev.preceptor.html.ColorRole;
import dev.preceptor.html.HtmlTable;
import dev.preceptor.html.Page;
import dev.preceptor.html.PairedPlot;
import dev.preceptor.html.Snippet;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.report.RecipeText;
import dev.preceptor.report.ReportPages;
import dev.preceptor.report.TrainingLog;
import dev.preceptor.table.LatexTable;
import dev.preceptor.table.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The report of a study: {@code report/index.html} in its folder.
 *
 * @param study as it was planned
 * @param result of the study
 * @param gallery of slices
 */
record StudyReport(Study study, StudyResult result, StudyGallery gallery) {
    /** The metrics whose comparisons are shown; {@code study.json} holds all. */
    private static final List<Metric> COMPARED = List.of(Metric.DICE, Metric.HD95);

    /** The metrics that are folded away. */
    private static final List<Metric> FURTHER = List.of(Metric.SLICE_DICE, Metric.SENSITIVITY, Metric.SPECIFICITY);

    private static final String SLICE_WARNING =
            "Slice Dice scores an empty prediction with 0.59 to 0.88. It is shown for comparison with published tables and cannot be"
                    + " compared with volumetric Dice.";

    private static final int ARMS_UNFOLDED = 2;

    /** Writes the report and returns its file. */
    Path write() {
        return page().write(gallery.folder());
    }

    Page page() {
        StudyTables tables = new StudyTables(result);
        Map<String, TrainingLog> logs = logs();
        Table dice = tables.scores(Metric.DICE);
        List<Page.Section> sections = new ArrayList<>();
        sections.add(new Page.Section("Scores", scores(tables, dice)));
        sections.add(new Page.Section("Subject by subject", distributions(tables)));
        sections.add(new Page.Section("Student against student", comparisons(tables)));
        if (!result.controls().isEmpty()) {
            sections.add(new Page.Section("The gain and its controls", controls(tables)));
        }
        budget().ifPresent(sections::add);
        List<Block> convergence = new StudyConvergence(result, logs).blocks();
        if (!convergence.isEmpty()) {
            sections.add(new Page.Section("Convergence", convergence));
        }
        sections.add(new Page.Section("Worst cases first", gallery.blocks()));
        sections.add(new Page.Section("Learning curves", curves(logs)));
        sections.add(new Page.Section("Methods", List.of(new Block.Note(methods()), new HtmlTable(tables.trials()))));
        sections.add(new Page.Section(
                "To paste",
                List.of(
                        new Snippet("Methods paragraph", methods()),
                        new Snippet("LaTeX table", LatexTable.render(dice.without(StudyTables.MEDIAN))),
                        new Snippet("CSV, one line a network, region and score", new ComparisonCsv(result).text()),
                        new Snippet("The whole study", study.toYaml()))));
        return ReportPages.of("study", result.study(), facts(), warnings(), sections);
    }

    private List<Page.Fact> facts() {
        long finished = result.cells().stream().filter(TrialState::hasFinished).count();
        List<Page.Fact> facts = new ArrayList<>();
        facts.add(new Page.Fact("trials", finished + " of " + result.cells().size() + " finished"));
        facts.add(new Page.Fact("arms", result.arms().stream().map(Arm::name).collect(Collectors.joining(", "))));
        facts.add(new Page.Fact("baseline", result.baseline().isEmpty() ? "none" : result.baseline()));
        if (!result.subject().isEmpty()) {
            facts.add(new Page.Fact("arm of interest", result.subject()));
        }
        facts.add(new Page.Fact(
                "seeds", result.seeds().stream().map(String::valueOf).collect(Collectors.joining(", "))));
        facts.add(new Page.Fact("scored", scored()));
        facts.add(new Page.Fact("cohort", cohort()));
        facts.add(new Page.Fact("fingerprint", result.cohort().isEmpty() ? "unread" : result.cohort()));
        facts.add(new Page.Fact("convention", result.convention().name()));
        facts.add(new Page.Fact("code", result.builds()));
        return facts;
    }

    private String scored() {
        return result.patients().counted("subjects") + ", "
                + (result.folds().isEmpty()
                        ? "that no network was trained on"
                        : "each in a held-out fold: " + String.join(" ", result.folds()));
    }

    private String cohort() {
        return study.phantom().exists()
                ? "phantom " + study.phantom().variant().version() + ", "
                        + study.phantom().subjects() + " subjects of "
                        + study.phantom().size() + " voxels across, seed "
                        + study.phantom().seed()
                : gallery.scored().toString();
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>(result.warnings());
        if (!result.failed().isEmpty()) {
            warnings.add(result.failed().size() + " of " + result.cells().size()
                    + " trials failed and are left out of every score; the table of trials says why");
        }
        return warnings;
    }

    private List<Block> scores(StudyTables tables, Table dice) {
        List<Metric> metrics = tables.distinct(FURTHER);
        boolean isFolded = metrics.contains(Metric.SLICE_DICE);
        List<Block> blocks = new ArrayList<>();
        List<Block> further = new ArrayList<>();
        (isFolded ? further : blocks).add(new Block.Warning(SLICE_WARNING));
        metrics.forEach(metric -> further.add(new HtmlTable(tables.scores(metric))));
        blocks.add(new HtmlTable(dice));
        blocks.add(new HtmlTable(tables.scores(Metric.HD95)));
        blocks.add(new Block.Note(
                "Mean \u00b1 standard deviation over subjects, each with the mean over its seeds; below it the bootstrap "
                        + Math.round(100 * result.bootstrap().level())
                        + " % interval of the mean." + StudyTables.MEAN_NOTE));
        blocks.add(new Block.Details(
                (isFolded ? "Slice Dice as MTCM-KD reports it, sensitivity" : "Sensitivity") + ", specificity",
                false,
                further));
        return blocks;
    }

    private List<Block> distributions(StudyTables tables) {
        List<Block> plots = new ArrayList<>();
        for (String region : result.regions()) {
            List<PairedPlot.Group> groups = new ArrayList<>();
            // Students side by side, so that the lines between them do not cross the teachers.
            result.series().stream().filter(Series::shipped).forEach(one -> groups.add(group(one, region)));
            result.series().stream().filter(one -> !one.shipped()).forEach(one -> groups.add(group(one, region)));
            plots.add(new PairedPlot(
                    region + ", " + tables.name(Metric.DICE), true, Metric.DICE.decimals(), List.copyOf(groups)));
        }
        return List.of(
                new Block.Note(
                        "A dot is a subject with the mean over its seeds, a line joins the same subject; beside the dots"
                                + " the median and the quartiles."),
                new Block.SideBySide(plots));
    }

    private PairedPlot.Group group(Series series, String region) {
        Map<String, Double> values = new LinkedHashMap<>();
        double[] means = series.means(region, Metric.DICE, series.subjects());
        for (int i = 0; i < means.length; i++) {
            values.put(series.subjects().get(i), means[i]);
        }
        boolean isBaseline = result.arms().stream()
                .anyMatch(arm -> result.baselineOf(arm.name()).equals(series.name()));
        ColorRole colorRole =
                !series.shipped() ? ColorRole.TEACHER : isBaseline ? ColorRole.BASELINE : ColorRole.STUDENT;
        return new PairedPlot.Group(series.name(), colorRole, values);
    }

    private List<Block> comparisons(StudyTables tables) {
        List<Block> blocks = new ArrayList<>();
        for (Metric metric : COMPARED) {
            Table pairs = tables.pairs(List.of(metric));
            if (!pairs.rows().isEmpty()) {
                blocks.add(new HtmlTable(pairs));
            }
        }
        if (blocks.isEmpty()) {
            return List.of(new Block.Note("There is only one student."));
        }
        blocks.add(new Block.Note(
                "Wilcoxon signed-rank over subjects, two-sided; Holm over all pairs of students in one score of"
                        + " one region, shown or not; effect sizes are positive where the first student is better. Every pair is in"
                        + " study.json."));
        if (result.controls().isEmpty()) {
            blocks.addAll(forests());
        }
        for (Metric metric : COMPARED) {
            Table gaps = tables.gaps(List.of(metric));
            if (!gaps.rows().isEmpty()) {
                blocks.add(new HtmlTable(gaps));
            }
        }
        if (!result.gaps().isEmpty()) {
            blocks.add(new Block.Note(StudyTables.GAP_NOTE));
        }
        return blocks;
    }

    private List<Block> controls(StudyTables tables) {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Note(StudyTables.CONTROLS_NOTE));
        COMPARED.forEach(metric -> blocks.add(new HtmlTable(tables.controls(List.of(metric)))));
        blocks.addAll(forests());
        return blocks;
    }

    private List<Block> forests() {
        List<Block> plots = new StudyForestPlots(result).blocks();
        if (plots.isEmpty()) {
            return List.of();
        }
        return List.of(
                new Block.Note(
                        "A point is the mean difference over subjects, each with the mean over the seeds in which both have a score; the line is the"
                                + " bootstrap 95 % interval over subjects. The point is filled where the interval does not include 0. Small"
                                + " marks below the line are the mean differences of single seeds, if there are several."),
                new Block.SideBySide(plots));
    }

    private Optional<Page.Section> budget() {
        StudyBudget budget = StudyBudget.of(result, gallery.folder());
        return budget.arms().isEmpty()
                ? Optional.empty()
                : Optional.of(new Page.Section(
                        "Budget", List.of(new HtmlTable(budget.table()), new Block.Note(StudyBudget.NOTE))));
    }

    private Map<String, TrainingLog> logs() {
        Map<String, TrainingLog> logs = new LinkedHashMap<>();
        result.cells()
                .forEach(trial ->
                        logs.put(trial.name(), TrainingLog.in(new StudyFolder(gallery.folder()).trial(trial.name()))));
        return logs;
    }

    private List<Block> curves(Map<String, TrainingLog> all) {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Note(
                "Blue is training, orange validation, a line for each trial; each panel has its own scale."));
        for (Arm arm : result.arms()) {
            Map<String, TrainingLog> logs = new LinkedHashMap<>();
            Set<String> roles = new LinkedHashSet<>();
            for (TrialState trial : result.cells()) {
                if (trial.arm().equals(arm.name())) {
                    TrainingLog log = all.get(trial.name());
                    logs.put(trial.name(), log);
                    roles.addAll(log.roles());
                }
            }
            for (String role : roles) {
                blocks.add(new Block.Details(
                        arm.name() + ", " + role,
                        blocks.size() <= ARMS_UNFOLDED,
                        List.of(TrainingLog.curves(role, logs))));
            }
        }
        return blocks;
    }

    private String methods() {
        Map<String, Recipe> recipes = new LinkedHashMap<>();
        study.arms()
                .forEach(arm -> recipes.put(
                        arm.name(), arm.resolve(study.set(), study.seeds().get(0))));
        return RecipeText.of(recipes) + " Each arm was trained with the seeds "
                + study.seeds().stream().map(String::valueOf).collect(Collectors.joining(", "))
                + (result.folds().isEmpty()
                        ? " and scored on subjects that no network was trained on"
                        : " on the folds " + String.join(", ", result.folds()) + " and scored on the held-out fold")
                + ", under the convention " + result.convention()
                + ". A subject counts once, with the mean over its seeds; comparisons use the seeds in which all compared"
                + " networks have a score."
                + " Intervals are percentile bootstraps over subjects ("
                + result.bootstrap().resamples()
                + " draws). Students were compared by two-sided Wilcoxon signed-rank tests with Holm's correction over all"
                + " pairs in a score of a region. Software: Preceptor " + result.builds() + ".";
    }
}
