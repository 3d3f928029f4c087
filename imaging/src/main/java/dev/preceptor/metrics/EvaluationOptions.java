package dev.preceptor.metrics;

import dev.preceptor.volume.LabelSchema;
import java.util.Optional;

/**
 * How predictions are scored.
 *
 * @param convention what empty masks score, and the variant of HD95
 * @param schema the schema of the references; empty to decide it over the whole set
 * @param predictionSchema the schema of the predictions where it is another one; empty if it is the same
 * @param threads subjects scored at once, at least 1
 */
public record EvaluationOptions(
        Convention convention, Optional<LabelSchema> schema, Optional<LabelSchema> predictionSchema, int threads) {
    /** {@link Convention#BRATS_LEGACY}, the schema decided over the references, all processors. */
    public static final EvaluationOptions DEFAULT = new EvaluationOptions(
            Convention.BRATS_LEGACY,
            Optional.empty(),
            Optional.empty(),
            Runtime.getRuntime().availableProcessors());

    /** The same with another convention. */
    public EvaluationOptions withConvention(Convention other) {
        return new EvaluationOptions(other, schema, predictionSchema, threads);
    }

    /** The same with the schema of the references, and of the predictions unless theirs is named, given. */
    public EvaluationOptions withSchema(LabelSchema given) {
        return new EvaluationOptions(convention, Optional.of(given), predictionSchema, threads);
    }

    /** The same with predictions in a schema of their own, which are mapped to that of the references. */
    public EvaluationOptions withPredictionSchema(LabelSchema given) {
        return new EvaluationOptions(convention, schema, Optional.of(given), threads);
    }

    /** The same on so many threads. */
    public EvaluationOptions withThreads(int count) {
        return new EvaluationOptions(convention, schema, predictionSchema, count);
    }
}
