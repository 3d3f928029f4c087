package dev.preceptor.run;

import dev.preceptor.recipe.DataOptions;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A training job.
 *
 * @param recipe the method and its settings
 * @param cohort the folder of the subjects
 * @param run the folder of the run; created if it is missing
 * @param fold the fold that is held out; empty for none
 * @param resume whether to resume the run from its newest checkpoint
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads intra-op threads of libtorch; 0 for the number of cores
 * @param data cache and threads of the data loading
 * @param schema the label schema of the cohort; empty to detect it, see {@link dev.preceptor.cohort.SchemaDecision}
 * @param unlabelled the folder of further subjects, from whose images alone the method learns; empty for none
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
        Optional<LabelSpace> schema,
        Optional<Path> unlabelled) {
    /** A job that detects the label schema. */
    public TrainingJob(
            Recipe recipe,
            Path cohort,
            Path run,
            Optional<FoldChoice> fold,
            boolean resume,
            String device,
            int threads,
            DataOptions data) {
        this(recipe, cohort, run, fold, resume, device, threads, data, Optional.empty(), Optional.empty());
    }

    /** A job with the cache within the run. */
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

    /** The same job with a label schema; empty to detect it. */
    public TrainingJob withSchema(Optional<LabelSpace> labels) {
        return new TrainingJob(recipe, cohort, run, fold, resume, device, threads, data, labels, unlabelled);
    }

    /** The same job with a second cohort, from whose images alone the method learns; empty for none. */
    public TrainingJob withUnlabelled(Optional<Path> folder) {
        return new TrainingJob(recipe, cohort, run, fold, resume, device, threads, data, schema, folder);
    }
}
