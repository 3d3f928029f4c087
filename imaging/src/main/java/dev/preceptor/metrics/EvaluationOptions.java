package dev.preceptor.metrics;

import dev.preceptor.volume.LabelSpace;
import java.util.Optional;
import java.util.function.Function;

/**
 * How predictions are scored.
 *
 * @param scoring for the label space of the references, {@link Scoring#of} by default: the convention, the BraTS challenge
 *     and the tolerances of surface Dice
 * @param schema the label schema of the references; empty to derive it from all references, see
 * {@link     dev.preceptor.cohort.SchemaDecision}
 * @param predictionSchema the label schema of the predictions if it differs; empty if it is the same
 * @param resamplesPredictions whether a prediction on another grid is resampled to the grid of its reference (nearest voxel) instead
 *     of refused
 * @param threads how many subjects and regions are scored in parallel, at least 1
 */
public record EvaluationOptions(
        Function<LabelSpace, Scoring> scoring,
        Optional<LabelSpace> schema,
        Optional<LabelSpace> predictionSchema,
        boolean resamplesPredictions,
        int threads) {
    /**
     * The usual scoring, the schema derived from the references, other grids refused, one thread for each processor.
     */
    public static final EvaluationOptions DEFAULT = new EvaluationOptions(
            Scoring::of,
            Optional.empty(),
            Optional.empty(),
            false,
            Runtime.getRuntime().availableProcessors());

    public EvaluationOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
    }

    /** These options with a scoring that depends on the label space of the references. */
    public EvaluationOptions withScoring(Function<LabelSpace, Scoring> other) {
        return new EvaluationOptions(other, schema, predictionSchema, resamplesPredictions, threads);
    }

    /** These options with another convention. */
    public EvaluationOptions withConvention(Convention other) {
        return withScoring(scoring.andThen(usual -> usual.withConvention(other)));
    }

    /** These options with a given schema of the references, which also holds for the predictions unless theirs is given. */
    public EvaluationOptions withSchema(LabelSpace given) {
        return new EvaluationOptions(scoring, Optional.of(given), predictionSchema, resamplesPredictions, threads);
    }

    /** These options with a given schema of the predictions, whose labels are mapped to the schema of the references. */
    public EvaluationOptions withPredictionSchema(LabelSpace given) {
        return new EvaluationOptions(scoring, schema, Optional.of(given), resamplesPredictions, threads);
    }

    /** These options with predictions on other grids resampled to the grids of their references. */
    public EvaluationOptions withResampling() {
        return new EvaluationOptions(scoring, schema, predictionSchema, true, threads);
    }

    /** These options with another number of threads. */
    public EvaluationOptions withThreads(int count) {
        return new EvaluationOptions(scoring, schema, predictionSchema, resamplesPredictions, count);
    }
}
