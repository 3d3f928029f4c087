package dev.preceptor.study;

import dev.preceptor.cohort.Subject;
import dev.preceptor.infer.NiftiSegmentations;
import dev.preceptor.infer.Prediction;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.infer.SegmentationWriter;
import dev.preceptor.quality.Guard;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Segments subjects with one model into a folder of {@code <id>.nii.gz}, each with the geometry of the image of the first sequence
 * shown.
 *
 * @param name of the model, for the listener
 * @param model its file
 * @param subjects to be segmented
 * @param shown the sequences from which they are segmented; empty for all that the model sees
 * @param folder of the label maps
 * @param device {@code cpu} or {@code cuda:N}
 */
record Segmentation(
        String name, Path model, List<Subject> subjects, Optional<List<Sequence>> shown, Path folder, String device) {
    /**
     * Predicts and writes, subject by subject.
     *
     * @param each receives every label map with the id of its subject
     * @param stopRequested is queried before each subject
     * @return false if it was stopped
     */
    boolean write(WorkListener listener, BiConsumer<String, LabelMap> each, BooleanSupplier stopRequested) {
        String part = "predicting with the " + name;
        listener.began(part);
        // A study compares models on all subjects: guards must not choose among them.
        PredictionOptions how = PredictionOptions.DEFAULTS.withDevice(device).withAccepted(Guard.all());
        SegmentationWriter writer = new NiftiSegmentations();
        int done = 0;
        try (Predictor predictor = Predictor.read(List.of(model), how)) {
            List<Sequence> inputs = shown.orElseGet(predictor::inputs);
            for (Subject subject : subjects) {
                if (stopRequested.getAsBoolean()) {
                    return false;
                }
                Prediction prediction = predictor.predict(subject.volumes(inputs));
                Provenance provenance = subject.image(inputs.get(0)).provenance();
                writer.write(prediction, provenance, List.of(), writer.files(folder, subject.id(), List.of()));
                each.accept(subject.id(), prediction.labels());
                done++;
                listener.advanced(part, subject.id(), done, subjects.size());
            }
        }
        return true;
    }
}
