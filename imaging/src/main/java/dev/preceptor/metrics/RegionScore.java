package dev.preceptor.metrics;

import java.util.List;

/**
 * The scores of a predicted mask against a reference mask under one convention. A figure that the convention leaves
 * undefined is NaN and is left out of means.
 *
 * @param dice from 0 to 1; volumetric under every convention but {@link Convention#SLICE_MTCM}
 * @param hd95Mm 95th percentile of the surface distance, or the penalty of the convention, in millimetres
 * @param sensitivity from 0 to 1
 * @param specificity from 0 to 1
 * @param referenceMl volume of the reference in millilitres
 * @param predictedMl volume of the prediction in millilitres
 * @param overlap the voxel counts from which the ratios are computed
 * @param sliceDice Dice averaged over the slices of the first axis, as MTCM-KD reports it; not comparable with volumetric
 *     Dice
 * @param surfaceDice normalised surface Dice by ascending tolerance
 */
public record RegionScore(
        double dice,
        double hd95Mm,
        double sensitivity,
        double specificity,
        double referenceMl,
        double predictedMl,
        ConfusionCounts overlap,
        double sliceDice,
        List<SurfaceDice> surfaceDice) {
    public RegionScore {
        surfaceDice = List.copyOf(surfaceDice);
    }

    /** Scores without slice Dice (NaN) and surface Dice (none). */
    public RegionScore(
            double dice,
            double hd95Mm,
            double sensitivity,
            double specificity,
            double referenceMl,
            double predictedMl,
            ConfusionCounts overlap) {
        this(dice, hd95Mm, sensitivity, specificity, referenceMl, predictedMl, overlap, Double.NaN, List.of());
    }

    /** The volume of the prediction less the volume of the reference, in millilitres. */
    public double volumeDifferenceMl() {
        return predictedMl - referenceMl;
    }
}
