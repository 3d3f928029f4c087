package dev.preceptor.metrics;

/**
 * What a predicted mask earns against a reference mask under one convention. A figure that the convention leaves
 * undefined is NaN and counts in no mean.
 *
 * @param dice between 0 and 1
 * @param hd95Mm 95th percentile of the surface distance, or the convention's penalty, in millimetres
 * @param sensitivity between 0 and 1
 * @param specificity between 0 and 1
 * @param referenceMl volume of the reference in millilitres
 * @param predictedMl volume of the prediction in millilitres
 * @param overlap the voxel counts behind the ratios
 */
public record RegionScore(
        double dice,
        double hd95Mm,
        double sensitivity,
        double specificity,
        double referenceMl,
        double predictedMl,
        Overlap overlap) {}
