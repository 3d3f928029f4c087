package dev.preceptor.metrics;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.table.CsvTable;
import java.nio.file.Path;
import java.util.Map;

/** Writes evaluations into files. Stateless. */
public final class EvaluationFiles {
    private EvaluationFiles() {}

    /**
     * Writes {@code scores.csv}, {@code brats.csv} ({@code lesions.csv} if the label space is not of BraTS),
     * {@code scores.json} and {@code summary.json} into a folder, which is made if it is missing. Each file is replaced as a whole.
     *
     * @throws dev.preceptor.base.PreceptorException if a file cannot be written
     */
    public static void write(Evaluation evaluation, Path folder) {
        AtomicFiles.writeString(folder.resolve("scores.csv"), scoresCsv(evaluation));
        AtomicFiles.writeString(
                folder.resolve(evaluation.schema().schema().hasBratsRegions() ? "brats.csv" : "lesions.csv"),
                bratsCsv(evaluation));
        JsonFiles.write(folder.resolve("scores.json"), scoresJson(evaluation));
        JsonFiles.write(folder.resolve("summary.json"), summaryJson(evaluation));
    }

    /** The content of {@code scores.csv}: a line for each subject and region, with every figure. */
    public static String scoresCsv(Evaluation evaluation) {
        return CsvTable.render(EvaluationTables.scores(evaluation));
    }

    /**
     * The content of {@code brats.csv} or {@code lesions.csv}: the official table of BraTS by {@link Evaluation#rules()}, a
     * line for each subject and region, after a column {@code Subject}.
     */
    public static String bratsCsv(Evaluation evaluation) {
        return CsvTable.render(EvaluationTables.brats(evaluation));
    }

    /** The content of {@code scores.json}: everything that the evaluation holds, for programs. */
    public static Map<String, Object> scoresJson(Evaluation evaluation) {
        return ScoresJson.of(evaluation);
    }

    /** The content of nnU-Net v2's {@code summary.json}, with nnU-Net's own rules for empty masks. */
    public static Map<String, Object> summaryJson(Evaluation evaluation) {
        return NnUNetSummary.of(evaluation);
    }
}
