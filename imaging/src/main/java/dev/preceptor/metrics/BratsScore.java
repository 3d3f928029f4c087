package dev.preceptor.metrics;

import dev.preceptor.volume.Region;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of the table that the official code of BraTS prints for a region, whatever convention other scores follow. The code of
 * 2024 does arithmetic on the numbers of joined pieces in some whole-volume figures; here they are those of the masks.
 *
 * @param rules year and challenge
 * @param lesions the lesion-wise scores
 * @param sensitivity over the whole volume; 1 where both masks are empty, 0 where the reference is
 * @param specificity over the whole volume
 * @param dice over the whole volume; 1 where both masks are empty
 * @param hd95Mm over the whole volume; 0 where both masks are empty, the penalty where one is
 * @param surfaceDiceHalfMm over the whole volume at 0.5 mm; NaN where the rules have none
 * @param surfaceDiceOneMm over the whole volume at 1 mm; NaN where the rules have none
 * @param referenceMm3 volume of the reference in cubic millimetres
 */
public record BratsScore(
        LesionRules rules,
        LesionWise lesions,
        double sensitivity,
        double specificity,
        double dice,
        double hd95Mm,
        double surfaceDiceHalfMm,
        double surfaceDiceOneMm,
        double referenceMm3) {

    /** Scores one region whose parts are told apart; the prediction is what its pieces hold. */
    static BratsScore of(
            RegionMasks masks,
            SurfacePair measured,
            LabelledComponents pieces,
            LabelledComponents lesions,
            LesionRules rules,
            Region region) {
        BitSet prediction = pieces.mask();
        boolean isWhole = prediction.equals(masks.prediction());
        SurfacePair surfaces = isWhole ? measured : SurfacePair.of(prediction, masks.reference(), masks.grid());
        ConfusionCounts confusionCounts = ConfusionCounts.of(prediction, masks.reference(), masks.counted());
        Convention convention = rules.convention();
        double distance = Hausdorff.HD95_DEEPMIND.of(surfaces);
        if (!surfaces.isMeasurable()) {
            distance = surfaces.isEmpty() ? convention.hd95OfNothing() : rules.penaltyMm();
        }
        return new BratsScore(
                rules,
                LesionWise.of(pieces, lesions, surfaces, masks.grid(), rules, region),
                convention.sensitivity(confusionCounts),
                convention.specificity(confusionCounts),
                convention.orOfEmpty(confusionCounts.dice(), confusionCounts),
                distance,
                rules.hasSurfaceDice() ? borderDice(surfaces, 0.5) : Double.NaN,
                rules.hasSurfaceDice() ? borderDice(surfaces, 1) : Double.NaN,
                confusionCounts.referenced() * masks.grid().voxelVolume());
    }

    private static double borderDice(SurfacePair surfaces, double toleranceMm) {
        if (surfaces.isMeasurable()) {
            return surfaces.borderDice(toleranceMm);
        }
        return surfaces.isEmpty() ? 1 : 0;
    }

    /** The figures under their official names, in the official order. */
    public Map<String, Double> columns() {
        Map<String, Double> columns = new LinkedHashMap<>();
        columns.put("Num_TP", (double) lesions.found());
        columns.put("Num_FP", (double) lesions.falsePieces());
        columns.put("Num_FN", (double) lesions.missed());
        columns.put("Sensitivity", sensitivity);
        columns.put("Specificity", specificity);
        columns.put("Legacy_Dice", dice);
        columns.put("Legacy_HD95", hd95Mm);
        if (rules.hasSurfaceDice()) {
            columns.put("Legacy NSD @ 0.5", surfaceDiceHalfMm);
            columns.put("Legacy NSD @ 1.0", surfaceDiceOneMm);
        }
        columns.put("GT_Complete_Volume", referenceMm3);
        columns.put("LesionWise_Score_Dice", lesions.dice());
        columns.put("LesionWise_Score_HD95", lesions.hd95Mm());
        if (rules.hasSurfaceDice()) {
            columns.put("LesionWise_Score_NSD @ 0.5", lesions.surfaceDiceHalfMm());
            columns.put("LesionWise_Score_NSD @ 1.0", lesions.surfaceDiceOneMm());
        }
        return columns;
    }
}
