package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes results of studies into files and for a terminal. Stateless. */
public final class StudyFiles {
    private StudyFiles() {}

    /**
     * Writes {@code study.json}, {@code comparison.md}, {@code comparison.csv} and, if the study has an arm of interest, {@code
     * controls.csv} into a folder; else that of an earlier result is removed. Each file is replaced as a whole.
     *
     * @throws PreceptorException if a file cannot be written or removed
     */
    public static void write(StudyResult result, Path folder) {
        JsonFiles.write(folder.resolve("study.json"), result);
        AtomicFiles.writeString(
                folder.resolve("comparison.md"), new StudyDocuments(result).markdown(StudyBudget.of(result, folder)));
        AtomicFiles.writeString(folder.resolve("comparison.csv"), new ComparisonCsv(result).text());
        Path controls = folder.resolve("controls.csv");
        if (result.controls().isEmpty()) {
            remove(controls);
        } else {
            AtomicFiles.writeString(controls, new ComparisonCsv(result).controls());
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be removed: " + AtomicFiles.reason(e), e);
        }
    }

    /** Scores for a terminal: a line for each network, then what was run, then warnings. */
    public static String text(StudyResult result) {
        return new StudyDocuments(result).terminal();
    }
}
