package dev.preceptor.metrics;

import dev.preceptor.volume.Region;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One row of the table that the official BraTS evaluation code prints for a region, independent of the convention of the
 * other scores. Source: https://github.com/rachitsaluja/BraTS-2023-Metrics and its version of 2024. The code of 2024
 * computes some whole-volume figures from the component numbers of merged components; here they are computed from the
 * masks.
 *
 * @param rules year and challenge
 * @param lesions the lesion-wise scores
 * @param sensitivity over the whole volume, 0 to 1; 1 if both masks are empty, 0 if only the reference is empty
 * @param specificity over the whole volume, 0 to 1
 * @param dice over the whole volume, 0 to 1; 1 if both masks are empty
 * @param hd95Mm over the whole volume, in millimetres; 0 if both masks are empty, the penalty of the rules if one is
 * @param surfaceDiceHalfMm normalised surface Dice over the whole volume at 0.5 mm; NaN if the rules do not include it
 * @param surfaceDiceOneMm normalised surface Dice over the whole volume at 1 mm; NaN if the rules do not include it
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

    /**
     * Scores one region. The scored prediction is the mask of its components, which may be smaller than the predicted mask.
     */
    static BratsScore of(
            RegionMasks masks,
            SurfacePair measured,
            LabelledComponents components,
            LabelledComponents lesions,
            LesionRules rules,
            Region region) {
        BitSet prediction = components.mask();
        boolean isUnchanged = prediction.equals(masks.prediction());
        SurfacePair surfaces = isUnchanged ? measured : SurfacePair.of(prediction, masks.reference(), masks.grid());
        ConfusionCounts counts = ConfusionCounts.of(prediction, masks.reference(), masks.counted());
        Convention convention = rules.convention();
        double hd95 = Hausdorff.HD95_DEEPMIND.of(surfaces);
        if (!surfaces.isMeasurable()) {
            hd95 = surfaces.isEmpty() ? convention.hd95OfBothEmpty() : rules.penaltyMm();
        }
        return new BratsScore(
                rules,
                LesionWise.of(components, lesions, surfaces, masks.grid(), rules, region),
                convention.sensitivity(counts),
                convention.specificity(counts),
                convention.orOfEmpty(counts.dice(), counts),
                hd95,
                rules.hasSurfaceDice() ? surfaceDice(surfaces, 0.5) : Double.NaN,
                rules.hasSurfaceDice() ? surfaceDice(surfaces, 1) : Double.NaN,
                counts.referenced() * masks.grid().voxelVolume());
    }

    private static double surfaceDice(SurfacePair surfaces, double toleranceMm) {
        if (surfaces.isMeasurable()) {
            return surfaces.voxelSurfaceDice(toleranceMm);
        }
        return surfaces.isEmpty() ? 1 : 0;
    }

    /** The figures under their official column names, in the official order. */
    public Map<String, Double> columns() {
        Map<String, Double> columns = new LinkedHashMap<>();
        columns.put("Num_TP", (double) lesions.found());
        columns.put("Num_FP", (double) lesions.falsePositives());
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
