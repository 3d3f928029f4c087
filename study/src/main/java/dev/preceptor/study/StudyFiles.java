package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import java.nio.file.Path;

/** Writes results of studies into files and for a terminal. Stateless. */
public final class StudyFiles {
    private StudyFiles() {}

    /**
     * Writes {@code study.json}, {@code comparison.md} and {@code comparison.csv} into a folder. Each file is replaced as a whole.
     *
     * @throws dev.preceptor.base.PreceptorException if a file cannot be written
     */
    public static void write(StudyResult result, Path folder) {
        JsonFiles.write(folder.resolve("study.json"), result);
        AtomicFiles.writeString(folder.resolve("comparison.md"), new StudyDocuments(result).markdown());
        AtomicFiles.writeString(folder.resolve("comparison.csv"), new ComparisonCsv(result).text());
    }

    /** Scores for a terminal: a line for each network, then what was run, then warnings. */
    public static String text(StudyResult result) {
        return new StudyDocuments(result).terminal();
    }
}
