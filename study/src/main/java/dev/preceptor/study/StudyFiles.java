package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import java.nio.file.Path;

/** Writes results of studies into files and for a terminal. Stateless. */
public final class StudyFiles {
    private StudyFiles() {}

    /**
     * Writes {@code study.json}, {@code comparison.md}, {@code comparison.csv} and, if the study has an arm of interest, {@code
     * controls.csv} into a folder. Each file is replaced as a whole.
     *
     * @throws dev.preceptor.base.PreceptorException if a file cannot be written
     */
    public static void write(StudyResult result, Path folder) {
        JsonFiles.write(folder.resolve("study.json"), result);
        AtomicFiles.writeString(
                folder.resolve("comparison.md"), new StudyDocuments(result).markdown(StudyBudget.of(result, folder)));
        AtomicFiles.writeString(folder.resolve("comparison.csv"), new ComparisonCsv(result).text());
        if (!result.controls().isEmpty()) {
            AtomicFiles.writeString(folder.resolve("controls.csv"), new ComparisonCsv(result).controls());
        }
    }

    /** Scores for a terminal: a line for each network, then what was run, then warnings. */
    public static String text(StudyResult result) {
        return new StudyDocuments(result).terminal();
    }
}
