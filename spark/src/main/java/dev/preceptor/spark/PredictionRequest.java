package dev.preceptor.spark;

import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.infer.PredictionOptions;
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
        Optional<SegmentationType> dicom) {}
