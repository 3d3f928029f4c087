package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.BitSet;

/** Some voxels and what lies within a few steps of their 18 neighbours, found in the small box around them. */
final class Neighbourhood {
    private final Size grid;
    private final Box box;
    private final BitSet grown;

    Neighbourhood(int[] voxels, Size grid, int steps) {
        this.grid = grid;
        BitSet mask = new BitSet(grid.voxels());
        Arrays.stream(voxels).forEach(mask::set);
        this.box = Box.around(mask, grid).orElseThrow().grown(steps).within(grid);
        this.grown = Morphology.dilated(box.cropped(mask, grid), box.size(), Connectivity.EDGES, steps);
    }

    /** The first voxel of the box at or after one that belongs; -1 if there is none. */
    int next(int from) {
        return grown.nextSetBit(from);
    }

    /** Where a voxel of the box lies on the grid. */
    int place(int i) {
        Size size = box.size();
        int line = i / size.x();
        return grid.index(i - line * size.x() + box.x0(), line % size.y() + box.y0(), line / size.y() + box.z0());
    }
}
