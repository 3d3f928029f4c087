package dev.preceptor.metrics;

import dev.preceptor.volume.Size;
import java.util.BitSet;

/**
 * The cells of the dual grid that the surface of a mask crosses. The corners of such a cell are eight voxel centres.
 *
 * @param crossed the cells with at least one corner inside the mask and one outside
 * @param codes for each cell its corner code: one bit for each corner inside the mask, see {@link SurfaceElements#area}
 * @param size of the dual grid, one more than the size of the mask along each axis
 */
record DualSurface(BitSet crossed, byte[] codes, Size size) {

    static DualSurface of(BitSet mask, Size grid) {
        Size size = new Size(grid.x() + 1, grid.y() + 1, grid.z() + 1);
        byte[] codes = new byte[size.voxels()];
        int row = size.x();
        int slice = row * size.y();
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            int line = i / grid.x();
            int cell = size.index(i - line * grid.x(), line % grid.y(), line / grid.y());
            codes[cell + 1 + row + slice] |= 1;
            codes[cell + row + slice] |= 1 << 1;
            codes[cell + 1 + slice] |= 1 << 2;
            codes[cell + slice] |= 1 << 3;
            codes[cell + 1 + row] |= 1 << 4;
            codes[cell + row] |= 1 << 5;
            codes[cell + 1] |= 1 << 6;
            codes[cell] |= (byte) (1 << 7);
        }
        BitSet crossed = new BitSet(codes.length);
        for (int i = 0; i < codes.length; i++) {
            if (codes[i] != 0 && codes[i] != (byte) 0xFF) {
                crossed.set(i);
            }
        }
        return new DualSurface(crossed, codes, size);
    }

    /** The surface area in a cell, in square millimetres. */
    double area(int cell, SurfaceElements elements) {
        return elements.area(codes[cell] & 0xFF);
    }
}
