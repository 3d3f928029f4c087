package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.BitSet;

/**
 * The calibration of a region's probabilities: over the whole grid, and near the tumour, where most voxels are not
 * trivially background.
 *
 * @param everywhere over every voxel of the grid
 * @param aroundTumour over the bounding box of the reference and of all voxels with a probability of at least 0.5, grown by
 *     {@link #MARGIN} voxels; over the whole grid if both are empty
 */
public record Calibration(ReliabilityDiagram everywhere, ReliabilityDiagram aroundTumour) {
    /** By how many voxels the bounding box of the tumour is grown on each side. */
    public static final int MARGIN = 10;

    /**
     * Measures one region.
     *
     * @param probabilities of the region, each from 0 to 1
     * @param reference the mask of the region on the grid of the probabilities
     * @throws IllegalArgumentException if a probability is NaN or outside 0 to 1
     */
    public static Calibration of(Volume probabilities, BitSet reference) {
        return of(probabilities, reference, new BitSet());
    }

    /**
     * Measures one region without the ignored voxels.
     *
     * @param ignored voxels that no figure counts
     */
    static Calibration of(Volume probabilities, BitSet reference, BitSet ignored) {
        Size size = probabilities.grid().size();
        float[] values = probabilities.voxels();
        BitSet tumour = (BitSet) reference.clone();
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= 1)) {
                throw new IllegalArgumentException("holds " + values[i] + ", which is not a probability");
            }
            if (values[i] >= 0.5f) {
                tumour.set(i);
            }
        }
        tumour.andNot(ignored);
        Box all = Box.of(size);
        Box near = Box.around(tumour, size)
                .map(box -> box.grown(MARGIN).within(size))
                .orElse(all);
        return new Calibration(
                ReliabilityDiagram.of(values, reference, ignored, size, all),
                ReliabilityDiagram.of(values, reference, ignored, size, near));
    }
}
