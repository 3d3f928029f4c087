package dev.preceptor.metrics;

import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Size;
import java.util.BitSet;

/**
 * The cells of the dual grid that the surface of a mask crosses. The corners of such a cell are eight voxel centres.
 *
 * @param crossed the cells with at least one corner inside the mask and one outside
 * @param mask whose surface it is
 * @param grid the size of the mask
 */
record DualSurface(BitSet crossed, BitSet mask, Size grid) {

    static DualSurface of(BitSet mask, Size grid) {
        return new DualSurface(Morphology.crossedCells(mask, grid), mask, grid);
    }

    /** The size of the dual grid. */
    Size size() {
        return grid.dual();
    }

    /** The surface area in a cell, in square millimetres. */
    double area(int cell, SurfaceElements elements) {
        int row = grid.x() + 1;
        int line = cell / row;
        int x = cell - line * row;
        int y = line % (grid.y() + 1);
        int z = line / (grid.y() + 1);
        int code = 0;
        for (int corner = 0; corner < 8; corner++) {
            int i = x - 1 + (corner & 1);
            int j = y - 1 + (corner >> 1 & 1);
            int k = z - 1 + (corner >> 2);
            boolean isOnGrid = i >= 0 && j >= 0 && k >= 0 && i < grid.x() && j < grid.y() && k < grid.z();
            if (isOnGrid && mask.get(grid.index(i, j, k))) {
                code |= 1 << corner;
            }
        }
        return elements.area(code);
    }
}
