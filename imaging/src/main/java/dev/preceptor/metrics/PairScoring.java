package dev.preceptor.metrics;

import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.Map;

/**
 * How the pairs of an evaluation are scored: all that one pair needs of the whole, so that pairs can be scored on other machines.
 *
 * @param references the label schema of the references
 * @param isReferenceGiven whether the caller gave that schema; then segments of DICOM without a code are taken by their numbers
 * @param scoring convention, challenge and tolerances
 * @param predictions the label schema of the predictions
 * @param isGiven whether the caller gave that schema; otherwise it is that of the references
 * @param resamplesPredictions whether a prediction on another grid is resampled to the grid of its reference
 * @param regionsAtOnce regions of one pair that are scored in parallel, at least 1
 */
public record PairScoring(
        LabelSpace references,
        boolean isReferenceGiven,
        Scoring scoring,
        LabelSpace predictions,
        boolean isGiven,
        boolean resamplesPredictions,
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
     * @throws dev.preceptor.base.MismatchException if the grids differ, or the header of the prediction declares another schema
     * @throws dev.preceptor.base.InvalidFileException if a file cannot be read or holds a label that its schema does not
     *     define
     */
    public Evaluation.Case score(Pair pair) {
        Path prediction = pair.prediction();
        Path reference = pair.reference();
        LabelMapPair labels = LabelMapPair.read(
                prediction,
                reference,
                references,
                isReferenceGiven,
                new PredictionSchema(predictions, isGiven),
                pair.subject(),
                resamplesPredictions);
        SubjectScores scores = SubjectScores.of(labels.prediction(), labels.reference(), scoring, regionsAtOnce);
        Map<Region, Calibration> calibration =
                ProbabilityFiles.calibrations(prediction, pair.subject(), labels.reference(), resamplesPredictions);
        return new Evaluation.Case(
                pair.subject(), prediction, reference, scores.regions(), scores.brats(), calibration);
    }
}
