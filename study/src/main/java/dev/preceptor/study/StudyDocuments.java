package dev.preceptor.study;

import dev.preceptor.table.MarkdownTable;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TextTable;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The result of a study as {@code comparison.md} and for a terminal. Both call a trial a cell, as {@code study.json} and the
 * folder {@code cells} do: programs read these words, so they stay.
 *
 * @param result of the study
 */
record StudyDocuments(StudyResult result) {
    private static final List<Metric> SHOWN = List.of(Metric.DICE, Metric.SLICE_DICE, Metric.HD95);
    private static final List<Metric> SHOWN_IN_TERMINAL = List.of(Metric.DICE, Metric.HD95);
    private static final int COLUMN_WIDTH = 18;

    /** For a terminal: a line for each network, then what was run, then warnings. */
    String terminal() {
        int longest = result.series().stream()
                .mapToInt(series -> series.name().length())
                .max()
                .orElse(0);
        int columns = SHOWN_IN_TERMINAL.size() * result.regions().size();
        Table overview = new StudyTables(result).overview(SHOWN_IN_TERMINAL);
        int width = Stream.concat(
                        overview.columns().stream().skip(1).map(Table.Column::heading),
                        overview.rows().stream()
                                .flatMap(row -> row.stream().skip(1))
                                .map(cell -> cell.line(NumberStyle.PLAIN)))
                .mapToInt(content -> content.length() + 2)
                .reduce(COLUMN_WIDTH, Math::max);
        StringBuilder text = new StringBuilder(
                TextTable.of(NumberStyle.PLAIN, longest + 2, columns, width).render(overview));
        text.append(caption())
                .append("; convention ")
                .append(result.convention())
                .append('\n');
        result.warnings().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    /** The content of {@code comparison.md}. */
    String markdown(StudyBudget budget) {
        StringBuilder text = new StringBuilder("# ").append(result.study()).append("\n\n");
        text.append(caption()).append(". Convention ").append(result.convention());
        text.append(", cohort ")
                .append(result.cohort().isEmpty() ? "unread" : result.cohort())
                .append(".\n");
        result.warnings().forEach(line -> text.append("\n**").append(line).append("**\n"));
        failed(text);
        StudyTables tables = new StudyTables(result);
        List<Metric> shown = tables.distinct(SHOWN);
        for (Metric metric : shown) {
            section(text, tables.title(metric), tables.scores(metric));
        }
        text.append("\nMean \u00b1 standard deviation over subjects, and the bootstrap 95 % interval of the mean.")
                .append(StudyTables.MEAN_NOTE)
                .append('\n');
        Table pairs = tables.pairs(shown);
        if (!pairs.rows().isEmpty()) {
            section(text, "Student against student", pairs);
            text.append(
                    "\nWilcoxon signed-rank over subjects, two-sided; Holm over all pairs of students in one score of one"
                            + " region; effect sizes are positive where the first is better. Every pair stands in `study.json`.\n");
        }
        Table controls = tables.controls(shown);
        if (!controls.rows().isEmpty()) {
            section(text, "The gain of " + result.subject() + " and its controls", controls);
            text.append("\n").append(StudyTables.CONTROLS_NOTE).append("\n");
        }
        Table gaps = tables.gaps(shown);
        if (!gaps.rows().isEmpty()) {
            section(text, "How much of the gap between baseline and teacher is closed", gaps);
            text.append("\n").append(StudyTables.GAP_NOTE).append("\n");
        }
        if (!budget.arms().isEmpty()) {
            section(text, "Budget of each training", budget.table());
            text.append("\n").append(StudyBudget.NOTE).append("\n");
        }
        return text.toString();
    }

    private static void section(StringBuilder text, String title, Table table) {
        text.append("\n## ").append(title).append("\n\n").append(MarkdownTable.render(table));
    }

    private void failed(StringBuilder text) {
        List<TrialState> failed = result.failed();
        if (failed.isEmpty()) {
            return;
        }
        text.append("\n**")
                .append(failed.size())
                .append(" of ")
                .append(result.cells().size());
        text.append(" cells failed and count nowhere:**\n\n");
        failed.forEach(trial -> text.append("- ")
                .append(trial.name())
                .append(": ")
                .append(trial.error())
                .append('\n'));
    }

    private String caption() {
        long finished = result.cells().stream().filter(TrialState::hasFinished).count();
        return finished + " of " + result.cells().size() + " cells finished: "
                + result.arms().size() + " arms, "
                + (result.folds().isEmpty() ? "no folds" : "folds " + String.join(" ", result.folds())) + ", seeds "
                + result.seeds().stream().map(String::valueOf).collect(Collectors.joining(" "))
                + "; each subject counts once, with the mean over its seeds";
    }
}
