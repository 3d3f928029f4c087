package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.LabelMapFiles;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Resampling;
import java.nio.file.Path;

/**
 * A prediction and its reference on one grid. A NIfTI reference has its own grid. A DICOM segmentation may leave out slices without
 * any segment, so its grid is that of a NIfTI prediction whose voxels are its pixels, or else the smallest that contains the frames
 * of both files.
 *
 * @param prediction on the grid of the reference
 * @param reference the label map to score against
 */
record LabelMapPair(LabelMap prediction, LabelMap reference) {
    /**
     * Reads both files.
     *
     * @param space of the references
     * @param byNumber whether its values may be the numbers of segments
     * @param predictionSchema of the predictions
     * @param subject for messages
     * @param resamples whether a prediction on another grid is resampled instead of refused
     * @throws MismatchException if the grids differ
     * @throws dev.preceptor.base.InvalidFileException if a file cannot be read or holds what its label space does not have
     */
    static LabelMapPair read(
            Path prediction,
            Path reference,
            LabelSpace space,
            boolean byNumber,
            PredictionSchema predictionSchema,
            String subject,
            boolean resamples) {
        if (!LabelMapFiles.isDicom(reference)) {
            LabelMap truth = LabelMapFiles.read(reference, space, byNumber);
            return new LabelMapPair(
                    aligned(prediction, predictionSchema, truth.grid(), subject, reference, resamples), truth);
        }
        DicomSegmentation truth = LabelMapFiles.segmentation(reference);
        Grid grid = truth.grid();
        if (LabelMapFiles.isDicom(prediction)) {
            grid = truth.gridWith(LabelMapFiles.segmentation(prediction)).orElse(grid);
        } else {
            LabelMap predicted = predictionSchema.read(prediction);
            grid = truth.liesOn(predicted.grid()) ? predicted.grid() : grid;
        }
        LabelMap referenceLabels = truth.labels(space, grid, byNumber);
        return new LabelMapPair(
                aligned(prediction, predictionSchema, grid, subject, reference, resamples), referenceLabels);
    }

    private static LabelMap aligned(
            Path prediction, PredictionSchema schema, Grid grid, String subject, Path reference, boolean resamples) {
        LabelMap labels = schema.read(prediction, grid);
        if (grid.matchesWithinOneVoxel(labels.grid())) {
            return new LabelMap(grid, labels.voxels(), labels.schema());
        }
        if (resamples) {
            return Resampling.nearest(labels, grid);
        }
        throw new MismatchException(
                grid.difference(labels.grid(), "subject " + subject + ": " + reference, prediction.toString())
                                .orElseThrow()
                        + "; use --resample to resample predictions to the grids of their references");
    }
}
