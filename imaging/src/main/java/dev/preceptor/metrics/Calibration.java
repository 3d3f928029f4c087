package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.BitSet;

/**
 * The calibration of a region's probabilities.
 *
 * @param everywhere over every voxel of the grid, most of which are easy
 * @param aroundTumour over the box around the reference and what is predicted with 0.5 or more, with {@link #MARGIN} voxels
 *     around it; the whole grid where there is neither
 */
public record Calibration(ReliabilityDiagram everywhere, ReliabilityDiagram aroundTumour) {
    /** How many voxels around the tumour count as near it. */
    public static final int MARGIN = 10;

    /**
     * Measures one region.
     *
     * @param probabilities between 0 and 1
     * @param reference the region on the grid of the probabilities
     * @throws IllegalArgumentException if a probability is not between 0 and 1
     */
    public static Calibration of(Volume probabilities, BitSet reference) {
        return of(probabilities, reference, new BitSet());
    }

    /**
     * Measures one region without some voxels.
     *
     * @param ignored voxels that do not count
     */
    static Calibration of(Volume probabilities, BitSet reference, BitSet ignored) {
        Size size = probabilities.grid().size();
        float[] values = probabilities.voxels();
        BitSet tumour = (BitSet) reference.clone();
        for (int i = 0; i < values.length; i++) {
            if (!(values[i] >= 0 && values[i] <= 1)) {
                throw new IllegalArgumentException("holds " + values[i] + ", which is no probability");
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
