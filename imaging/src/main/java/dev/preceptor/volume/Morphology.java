package dev.preceptor.volume;

import java.util.BitSet;

/** Grows and shrinks masks by whole neighbourhoods. Beyond the grid everything counts as background. Stateless. */
public final class Morphology {
    private Morphology() {}

    /** The mask and every voxel that {@code times} steps of the connectivity reach from it; a new set. */
    public static BitSet dilated(BitSet mask, Size size, Connectivity connectivity, int times) {
        BitRows grown = BitRows.of(mask, size);
        for (int step = 0; step < times; step++) {
            grown = grown.dilated(connectivity);
        }
        return grown.toBitSet();
    }

    /** The voxels of the mask that touch background, or the border of the grid, through a face; a new set. */
    public static BitSet border(BitSet mask, Size size) {
        return BitRows.of(mask, size).border().toBitSet();
    }
}
