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
}
