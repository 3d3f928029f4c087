package dev.preceptor.loss;

import dev.preceptor.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * The voxels of each region in predicted masks, in reference masks, and in both, from which its Dice follows: 1 for a region that is in
 * neither (BRATS_LEGACY).
 */
public final class RegionOverlap {
    private final long[] both;
    private final long[] predicted;
    private final long[] reference;

    /** No voxels of so many regions. */
    public RegionOverlap(int regions) {
        this(new long[regions], new long[regions], new long[regions]);
    }

    private RegionOverlap(long[] both, long[] predicted, long[] reference) {
        this.both = both;
        this.predicted = predicted;
        this.reference = reference;
    }

    /**
     * The voxels of all samples of a batch.
     *
     * @param predicted booleans [B, R, X, Y, Z]
     * @param reference booleans [B, R, X, Y, Z]
     */
    public static RegionOverlap of(Tensor predicted, Tensor reference) {
        return new RegionOverlap(voxels(predicted.logical_and(reference)), voxels(predicted), voxels(reference));
    }

    private static long[] voxels(Tensor masks) {
        return Tensors.toLongs(masks.sum(new long[] {0, 2, 3, 4}));
    }

    /** Adds the voxels of other masks of the same regions. */
    public void add(RegionOverlap other) {
        for (int r = 0; r < both.length; r++) {
            both[r] += other.both[r];
            predicted[r] += other.predicted[r];
            reference[r] += other.reference[r];
        }
    }

    /** Voxels of a region in both masks. */
    public long both(int region) {
        return both[region];
    }

    /** Voxels of a region in the prediction. */
    public long predicted(int region) {
        return predicted[region];
    }

    /** Voxels of a region in the reference. */
    public long reference(int region) {
        return reference[region];
    }

    /** The Dice of a region, from 0 to 1. */
    public double dice(int region) {
        return dice(both[region], predicted[region], reference[region]);
    }

    /** The Dice of two masks with so many voxels, of which so many are in both; 1 if both masks are empty. */
    public static double dice(double both, double predicted, double reference) {
        return predicted + reference == 0 ? 1 : 2 * both / (predicted + reference);
    }
}
