package dev.preceptor.metrics;

import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;

/**
 * References of three subjects, and a folder for predictions of them.
 *
 * @param references a cohort in the layout of BraTS 2021
 * @param predictions empty until {@link #predict}
 */
record ScoredFolders(Path references, Path predictions) {
    static ScoredFolders in(Path folder) {
        return new ScoredFolders(
                CohortFixture.brats2021(folder.resolve("references"), 3).root(), folder.resolve("predictions"));
    }

    /** Predicts the labels of a subject, from 1, under any name. */
    void predict(String name, int number, LabelSpace schema) {
        Nifti.write(predictions.resolve(name), CohortFixture.labels(number, schema));
    }
}
