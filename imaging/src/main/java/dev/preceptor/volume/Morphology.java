package dev.preceptor.volume;

import java.util.BitSet;

/** Binary morphology of masks. Voxels outside the grid count as background. Stateless, thread-safe. */
public final class Morphology {
    private Morphology() {}

    /** The mask dilated {@code times} times by the given neighbourhood; a new set. */
    public static BitSet dilated(BitSet mask, Size size, Connectivity connectivity, int times) {
        BitRows grown = BitRows.of(mask, size);
        for (int step = 0; step < times; step++) {
            grown = grown.dilated(connectivity);
        }
        return grown.toBitSet();
    }

    /** The voxels of the mask with a face neighbour in the background or outside the grid; a new set. */
    public static BitSet border(BitSet mask, Size size) {
        return BitRows.of(mask, size).border().toBitSet();
    }

    /**
     * The cells of the dual grid ({@link Size#dual}) that have a corner in the mask and a corner outside; a new set. Cell (i, j, k) has the
     * voxels (i - 1, j - 1, k - 1) to (i, j, k) as corners.
     */
    public static BitSet crossedCells(BitSet mask, Size size) {
        Size dual = size.dual();
        BitSet placed = new BitSet(dual.voxels());
        VoxelRuns.forEach(mask, size.x(), (start, end) -> {
            int line = start / size.x();
            int cell = dual.index(start - line * size.x(), line % size.y(), line / size.y());
            placed.set(cell, cell + end - start);
        });
        return BitRows.of(placed, dual).crossed().toBitSet();
    }
}
