package dev.preceptor.metrics;

import dev.preceptor.volume.LabelSchema;
import java.util.Optional;

/**
 * How predictions are scored.
 *
 * @param scoring what empty masks score, the variant of HD95, whose lesions, which tolerances
 * @param schema the schema of the references; empty to decide it over the whole set
 * @param predictionSchema the schema of the predictions where it is another one; empty if it is the same
 * @param isResampled whether a prediction on another grid is taken at the voxel centres of its reference, by the nearest
 *     voxel; otherwise it is refused
 * @param threads subjects and regions scored at once, at least 1
 */
public record EvaluationOptions(
        Scoring scoring,
        Optional<LabelSchema> schema,
        Optional<LabelSchema> predictionSchema,
        boolean isResampled,
        int threads) {
    /** {@link Scoring#DEFAULT}, the schema decided over the references, other grids refused, all processors. */
    public static final EvaluationOptions DEFAULT = new EvaluationOptions(
            Scoring.DEFAULT,
            Optional.empty(),
            Optional.empty(),
            false,
            Runtime.getRuntime().availableProcessors());

    public EvaluationOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
    }

    /** The same with other scores. */
    public EvaluationOptions withScoring(Scoring other) {
        return new EvaluationOptions(other, schema, predictionSchema, isResampled, threads);
    }

    /** The same with another convention. */
    public EvaluationOptions withConvention(Convention other) {
        return withScoring(scoring.withConvention(other));
    }

    /** The same with the schema of the references, and of the predictions unless theirs is named, given. */
    public EvaluationOptions withSchema(LabelSchema given) {
        return new EvaluationOptions(scoring, Optional.of(given), predictionSchema, isResampled, threads);
    }

    /** The same with predictions in a schema of their own, which are mapped to that of the references. */
    public EvaluationOptions withPredictionSchema(LabelSchema given) {
        return new EvaluationOptions(scoring, schema, Optional.of(given), isResampled, threads);
    }

    /** The same with predictions on other grids taken at the voxels of their references. */
    public EvaluationOptions withResampling() {
        return new EvaluationOptions(scoring, schema, predictionSchema, true, threads);
    }

    /** The same on so many threads. */
    public EvaluationOptions withThreads(int count) {
        return new EvaluationOptions(scoring, schema, predictionSchema, isResampled, count);
    }
}
