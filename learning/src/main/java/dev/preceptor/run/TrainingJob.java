package dev.preceptor.run;

import dev.preceptor.recipe.DataOptions;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One training to be done.
 *
 * @param recipe what is trained and how
 * @param cohort the folder of the subjects
 * @param run the folder to be made
 * @param fold which fold is held out, if any
 * @param resume whether to go on from the checkpoints in {@code run}
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads intra-op threads of libtorch; 0 for as many as there are cores
 * @param data how subjects come to the networks
 * @param schema what the labels of the cohort mean; empty to decide it, see {@link dev.preceptor.cohort.SchemaDecision}
 */
public record TrainingJob(
        Recipe recipe,
        Path cohort,
        Path run,
        Optional<FoldChoice> fold,
        boolean resume,
        String device,
        int threads,
        DataOptions data,
        Optional<LabelSchema> schema) {
    /** With the label schema decided by the cohort. */
    public TrainingJob(
            Recipe recipe,
            Path cohort,
            Path run,
            Optional<FoldChoice> fold,
            boolean resume,
            String device,
            int threads,
            DataOptions data) {
        this(recipe, cohort, run, fold, resume, device, threads, data, Optional.empty());
    }

    /** With a cache within the run. */
    public TrainingJob(
            Recipe recipe,
            Path cohort,
            Path run,
            Optional<FoldChoice> fold,
            boolean resume,
            String device,
            int threads) {
        this(recipe, cohort, run, fold, resume, device, threads, DataOptions.DEFAULTS);
    }

    /** The same with a label schema; empty to decide it. */
    public TrainingJob withSchema(Optional<LabelSchema> given) {
        return new TrainingJob(recipe, cohort, run, fold, resume, device, threads, data, given);
    }
}
