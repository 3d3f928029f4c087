package dev.preceptor.study;

import dev.preceptor.cohort.Subject;
import dev.preceptor.infer.Predictor;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.LabelMap;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Segments subjects with one model into a folder of {@code <id>.nii.gz}, each with the geometry of the image of the model's first
 * sequence.
 *
 * @param name of the model, for the listener
 * @param model its file
 * @param subjects to be segmented
 * @param folder of the label maps
 * @param device {@code cpu} or {@code cuda:N}
 */
record Segmentation(String name, Path model, List<Subject> subjects, Path folder, String device) {
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
        Predictor.Options how = new Predictor.Options(
                device, Predictor.Options.DEFAULTS.overlap(), false, Predictor.Options.DEFAULTS.batch());
        int done = 0;
        try (Predictor predictor = Predictor.read(List.of(model), how)) {
            for (Subject subject : subjects) {
                if (stopRequested.getAsBoolean()) {
                    return false;
                }
                LabelMap labels =
                        predictor.predict(subject.volumes(predictor.inputs())).labels();
                NiftiHeader header = subject.image(predictor.inputs().get(0)).header();
                Nifti.write(
                        folder.resolve(subject.id() + ".nii.gz"),
                        new LabelMap(header.grid(), labels.voxels(), labels.schema()),
                        header);
                each.accept(subject.id(), labels);
                done++;
                listener.advanced(part, subject.id(), done, subjects.size());
            }
        }
        return true;
    }
}
