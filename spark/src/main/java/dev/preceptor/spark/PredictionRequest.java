package dev.preceptor.spark;

import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.infer.DicomSegmentations;
import dev.preceptor.infer.NiftiSegmentations;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.infer.SegmentationWriter;
import java.util.List;
import java.util.Optional;

/**
 * What all tasks of a prediction share.
 *
 * @param models names of the model files that the driver has added to the application
 * @param options of the prediction
 * @param threads per operation
 * @param input folder of the subjects
 * @param output folder of the label maps
 * @param probabilities whether the probabilities of the regions are written
 * @param uncertainty whether the uncertainty of each voxel is written
 * @param dicom the type of the DICOM segmentations that are written; empty for NIfTI files
 */
record PredictionRequest(
        List<String> models,
        PredictionOptions options,
        int threads,
        String input,
        String output,
        boolean probabilities,
        boolean uncertainty,
        Optional<SegmentationType> dicom) {
    /** The writer of the outputs of a predictor. */
    SegmentationWriter writer(Predictor predictor) {
        return writer(dicom, predictor);
    }

    static SegmentationWriter writer(Optional<SegmentationType> dicom, Predictor predictor) {
        return dicom.<SegmentationWriter>map(type -> DicomSegmentations.of(type, predictor))
                .orElseGet(NiftiSegmentations::new);
    }
}
