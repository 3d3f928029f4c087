package dev.preceptor.metrics;

import java.util.List;

/**
 * What a predicted mask earns against a reference mask under one convention. A figure that the convention leaves
 * undefined is NaN and counts in no mean.
 *
 * @param dice between 0 and 1; volumetric under every convention but {@link Convention#SLICE_MTCM}
 * @param hd95Mm 95th percentile of the surface distance, or the convention's penalty, in millimetres
 * @param sensitivity between 0 and 1
 * @param specificity between 0 and 1
 * @param referenceMl volume of the reference in millilitres
 * @param predictedMl volume of the prediction in millilitres
 * @param overlap the voxel counts behind the ratios
 * @param sliceDice Dice averaged over the slices of the first axis as MTCM-KD reports it, never to be compared with
 *     volumetric Dice
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

    /** Without the figures by slices and surfaces: they are NaN and none. */
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

    /** By how much the prediction is larger than the reference, in millilitres; negative where it is smaller. */
    public double volumeDifferenceMl() {
        return predictedMl - referenceMl;
    }
}
