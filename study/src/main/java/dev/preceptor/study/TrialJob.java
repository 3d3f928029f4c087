package dev.preceptor.study;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.metrics.Convention;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Optional;

/**
 * All inputs of one trial, so that another process can run it.
 *
 * @param name of the trial
 * @param fold the fold that is held out and scored; empty if the whole of {@code scored} is
 * @param recipe file of the resolved recipe
 * @param folder of the run, with the scores in it
 * @param lock a file that the process that runs the trial locks
 * @param training folder of the training cohort
 * @param scored folder of the cohort that is scored
 * @param truth folder of the true labels of {@code scored}; empty if its own label maps are the reference
 * @param mapping table of other names of the same patients, if any
 * @param convention under which the predictions are scored
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
        Optional<LabelSpace> schema) {

    static TrialJob read(Path file) {
        return BoundJson.read(file, TrialJob.class, "is not a job of a study");
    }

    void write(Path file) {
        JsonFiles.write(file, this);
    }
}
