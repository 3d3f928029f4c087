package dev.preceptor.volume;

import java.util.BitSet;

/**
 * The runs of a mask: adjacent voxels of one row. Time is linear in the words of the mask and in its runs, however full or empty the mask
 * is.
 */
public final class VoxelRuns {
    private VoxelRuns() {}

    /** Receives the voxels from index {@code start} to before {@code end}. */
    @FunctionalInterface
    public interface Visitor {
        void run(int start, int end);
    }

    /**
     * Visits the runs of a mask in ascending order; no run crosses the end of a row.
     *
     * @param mask voxel indices, x-fastest
     * @param row the number of voxels of a row
     */
    public static void forEach(BitSet mask, int row, Visitor visitor) {
        int clear = -1;
        int end;
        for (int start = mask.nextSetBit(0); start >= 0; start = mask.nextSetBit(end)) {
            // A stretch of many full rows is searched for its end once, not once a row.
            if (clear <= start) {
                clear = mask.nextClearBit(start);
            }
            end = Math.min(clear, (start / row + 1) * row);
            visitor.run(start, end);
        }
    }
}
