package dev.preceptor.volume;

import java.util.BitSet;

/** Grows and shrinks masks by whole neighbourhoods. Beyond the grid everything counts as background. Stateless. */
public final class Morphology {
    private Morphology() {}

    /** The mask and every voxel that {@code times} steps of the connectivity reach from it; a new set. */
    public static BitSet dilated(BitSet mask, Size size, Connectivity connectivity, int times) {
        BitSet grown = (BitSet) mask.clone();
        BitSet front = mask;
        for (int step = 0; step < times; step++) {
            BitSet next = new BitSet(size.voxels());
            for (int i = front.nextSetBit(0); i >= 0; i = front.nextSetBit(i + 1)) {
                connectivity.forEachNeighbour(size, i, n -> {
                    if (!grown.get(n)) {
                        grown.set(n);
                        next.set(n);
                    }
                });
            }
            front = next;
        }
        return grown;
    }

    /** The voxels of the mask that touch background, or the border of the grid, through a face; a new set. */
    public static BitSet border(BitSet mask, Size size) {
        BitSet border = new BitSet(size.voxels());
        int row = size.x();
        int slice = row * size.y();
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            int x = i % row;
            int y = i / row % size.y();
            int z = i / slice;
            boolean inner = x > 0
                    && x < row - 1
                    && y > 0
                    && y < size.y() - 1
                    && z > 0
                    && z < size.z() - 1
                    && mask.get(i - 1)
                    && mask.get(i + 1)
                    && mask.get(i - row)
                    && mask.get(i + row)
                    && mask.get(i - slice)
                    && mask.get(i + slice);
            if (!inner) {
                border.set(i);
            }
        }
        return border;
    }
}
