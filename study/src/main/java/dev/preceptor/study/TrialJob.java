package dev.preceptor.study;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.metrics.Convention;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything that one cell needs, so that another process can do it.
 *
 * @param name of the cell
 * @param fold which fold is held out and scored; empty if whole {@code scored} is
 * @param recipe file of the resolved recipe
 * @param folder of the run, with the scores in it
 * @param lock a file that whoever works on the cell holds locked
 * @param training cohort that is learned from
 * @param scored cohort of those who are scored
 * @param truth their true labels; empty if their own label maps are taken
 * @param mapping table of other names of the same patients, if any
 * @param convention under which they are scored
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads intra-op threads of libtorch; 0 for as many as there are cores
 * @param schema what the labels of {@code training} and {@code scored} mean; empty to decide it
 */
record TrialJob(
        String name,
        Optional<FoldChoice> fold,
        Path recipe,
        Path folder,
        Path lock,
        Path training,
        Path scored,
        Optional<Path> truth,
        Optional<Path> mapping,
        Convention convention,
        String device,
        int threads,
        Optional<LabelSchema> schema) {

    static TrialJob read(Path file) {
        return BoundJson.read(file, TrialJob.class, "is no job of a study");
    }

    void write(Path file) {
        JsonFiles.write(file, this);
    }
}
