package dev.preceptor.metrics;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import java.util.BitSet;

/**
 * The voxel counts of a predicted mask against a reference mask. A ratio is NaN if its denominator is 0; a
 * {@link Convention} decides what is reported then.
 *
 * @param truePositives voxels in both masks
 * @param falsePositives voxels in the prediction only
 * @param falseNegatives voxels in the reference only
 * @param trueNegatives voxels in neither mask
 */
public record ConfusionCounts(long truePositives, long falsePositives, long falseNegatives, long trueNegatives) {

    /**
     * Counts the voxels of two masks on one grid.
     *
     * @param prediction indices of voxels, x-fastest, all below {@code voxels}
     * @param reference the same of the reference
     * @param voxels the number of voxels of the grid
     */
    public static ConfusionCounts of(BitSet prediction, BitSet reference, int voxels) {
        BitSet both = (BitSet) prediction.clone();
        both.and(reference);
        long tp = both.cardinality();
        long fp = prediction.cardinality() - tp;
        long fn = reference.cardinality() - tp;
        return new ConfusionCounts(tp, fp, fn, voxels - tp - fp - fn);
    }

    /** Counts the voxels of a region in two label maps of one size, except the voxels that the reference ignores. */
    public static ConfusionCounts of(LabelMap prediction, LabelMap reference, Region region) {
        BitSet ignored = reference.ignored();
        BitSet predicted = prediction.mask(region);
        predicted.andNot(ignored);
        return of(predicted, reference.mask(region), reference.size().voxels() - ignored.cardinality());
    }

    /** Dice: 2 TP / (2 TP + FP + FN), from 0 to 1. */
    public double dice() {
        return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
    }

    /** Intersection over union: TP / (TP + FP + FN), from 0 to 1. */
    public double intersectionOverUnion() {
        return ratio(truePositives, truePositives + falsePositives + falseNegatives);
    }

    /** TP / (TP + FN), from 0 to 1. */
    public double sensitivity() {
        return ratio(truePositives, truePositives + falseNegatives);
    }

    /** TN / (TN + FP), from 0 to 1. */
    public double specificity() {
        return ratio(trueNegatives, trueNegatives + falsePositives);
    }

    /** The number of predicted voxels: TP + FP. */
    public long predicted() {
        return truePositives + falsePositives;
    }

    /** The number of reference voxels: TP + FN. */
    public long referenced() {
        return truePositives + falseNegatives;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? Double.NaN : (double) part / whole;
    }
}
