package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.SpacingCheck;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Resampling;
import java.nio.file.Path;
import java.util.Map;

/**
 * How the pairs of an evaluation are scored: all that one pair needs of the whole, so that pairs can be scored on other machines.
 *
 * @param references the label schema of the references
 * @param scoring convention, challenge and tolerances
 * @param predictions the label schema of the predictions
 * @param isGiven whether the caller gave that schema; otherwise it is that of the references
 * @param isResampled whether a prediction on another grid is resampled to the grid of its reference
 * @param regionsAtOnce regions of one pair that are scored in parallel, at least 1
 */
public record PairScoring(
        LabelSpace references,
        Scoring scoring,
        LabelSpace predictions,
        boolean isGiven,
        boolean isResampled,
        int regionsAtOnce) {
    /**
     * A prediction and its reference.
     *
     * @param subject its id
     */
    public record Pair(String subject, Path prediction, Path reference) {}

    /**
     * Reads and scores a pair.
     *
     * @throws MismatchException if the grids differ, or the header of the prediction declares another schema
     * @throws dev.preceptor.base.InvalidFileException if a file cannot be read or holds a label that its schema does not
     *     define
     */
    public Evaluation.Case score(Pair pair) {
        Path prediction = pair.prediction();
        Path reference = pair.reference();
        SpacingCheck.require(reference, Nifti.readHeader(reference));
        SpacingCheck.require(prediction, Nifti.readHeader(prediction));
        LabelMap referenceLabels = Nifti.readLabelMap(reference, references);
        LabelMap predictedLabels = aligned(
                new PredictionSchema(predictions, isGiven).read(prediction),
                referenceLabels,
                "subject " + pair.subject() + ": " + reference,
                prediction,
                isResampled);
        SubjectScores scores = SubjectScores.of(predictedLabels, referenceLabels, scoring, regionsAtOnce);
        Map<Region, Calibration> calibration =
                ProbabilityFiles.calibrations(prediction, pair.subject(), referenceLabels, isResampled);
        return new Evaluation.Case(
                pair.subject(), prediction, reference, scores.regions(), scores.brats(), calibration);
    }

    private static LabelMap aligned(
            LabelMap predictedLabels, LabelMap referenceLabels, String what, Path file, boolean isResampled) {
        Grid grid = referenceLabels.grid();
        if (grid.matchesWithinOneVoxel(predictedLabels.grid())) {
            return new LabelMap(grid, predictedLabels.voxels(), predictedLabels.schema());
        }
        if (isResampled) {
            return Resampling.nearest(predictedLabels, grid);
        }
        throw new MismatchException(grid.difference(predictedLabels.grid(), what, file.toString())
                        .orElseThrow() + "; use --resample to resample predictions to the grids of their references");
    }
}
