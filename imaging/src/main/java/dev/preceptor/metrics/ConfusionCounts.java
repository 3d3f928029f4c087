package dev.preceptor.metrics;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import java.util.BitSet;

/**
 * How a predicted mask covers a reference mask, in voxels. The ratios are NaN where their denominator is 0; a
 * {@link Convention} puts a number there.
 *
 * @param truePositives in both
 * @param falsePositives in the prediction alone
 * @param falseNegatives in the reference alone
 * @param trueNegatives in neither
 */
public record ConfusionCounts(long truePositives, long falsePositives, long falseNegatives, long trueNegatives) {

    /** Counts the voxels of two masks on a grid of {@code voxels} voxels. */
    public static ConfusionCounts of(BitSet prediction, BitSet reference, int voxels) {
        BitSet both = (BitSet) prediction.clone();
        both.and(reference);
        long tp = both.cardinality();
        long fp = prediction.cardinality() - tp;
        long fn = reference.cardinality() - tp;
        return new ConfusionCounts(tp, fp, fn, voxels - tp - fp - fn);
    }

    /** Counts the voxels of a region in two label maps on one grid, without those that the reference ignores. */
    public static ConfusionCounts of(LabelMap prediction, LabelMap reference, Region region) {
        BitSet ignored = reference.ignored();
        BitSet predicted = prediction.mask(region);
        predicted.andNot(ignored);
        return of(predicted, reference.mask(region), reference.size().voxels() - ignored.cardinality());
    }

    /** 2|P and G| / (|P| + |G|). */
    public double dice() {
        return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
    }

    /** |P and G| / |P or G|. */
    public double intersectionOverUnion() {
        return ratio(truePositives, truePositives + falsePositives + falseNegatives);
    }

    /** TP / (TP + FN). */
    public double sensitivity() {
        return ratio(truePositives, truePositives + falseNegatives);
    }

    /** TN / (TN + FP). */
    public double specificity() {
        return ratio(trueNegatives, trueNegatives + falsePositives);
    }

    /** Voxels of the prediction. */
    public long predicted() {
        return truePositives + falsePositives;
    }

    /** Voxels of the reference. */
    public long referenced() {
        return truePositives + falseNegatives;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? Double.NaN : (double) part / whole;
    }
}
