package dev.preceptor.metrics;

import dev.preceptor.volume.Size;
import java.util.BitSet;

/** Masks built of cubes, each given by its edge and its lowest corner, in voxels. */
final class Cubes {
    static final Size SIZE = new Size(64, 48, 40);

    private final BitSet mask = new BitSet();

    Cubes cube(int edge, int x, int y, int z) {
        for (int k = z; k < z + edge; k++) {
            for (int j = y; j < y + edge; j++) {
                for (int i = x; i < x + edge; i++) {
                    mask.set(SIZE.index(i, j, k));
                }
            }
        }
        return this;
    }

    BitSet mask() {
        return mask;
    }
}
