package dev.preceptor.train;

import dev.preceptor.base.Deflated;
import dev.preceptor.data.Sample;
import dev.preceptor.data.Samples;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Subjects without labels, with the classes that frozen networks predict for them. The predictions are kept compressed in memory,
 * a few kilobytes a subject; a resumed training predicts them again.
 */
final class PredictedLabels implements Samples {
    private final Samples images;
    private final List<Deflated> predicted;

    private PredictedLabels(Samples images, List<Deflated> predicted) {
        this.images = images;
        this.predicted = predicted;
    }

    /**
     * Predicts all subjects.
     *
     * @param images the subjects; their own classes are not read
     * @param count number of subjects
     * @param stopRequested asked before each subject
     * @return empty if a stop was requested
     */
    static Optional<PredictedLabels> of(
            Samples images, int count, WholeSubject prediction, BooleanSupplier stopRequested) {
        List<Deflated> predicted = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (stopRequested.getAsBoolean()) {
                return Optional.empty();
            }
            int subject = i;
            predicted.add(images.reading(() -> Deflated.of(prediction.classes(images.sample(subject)))));
        }
        return Optional.of(new PredictedLabels(images, predicted));
    }

    @Override
    public Sample sample(int i) {
        Sample sample = images.sample(i);
        return sample.withClasses(ByteBuffer.wrap(predicted.get(i).inflate()));
    }

    @Override
    public <R> R reading(Supplier<R> work) {
        return images.reading(work);
    }
}
