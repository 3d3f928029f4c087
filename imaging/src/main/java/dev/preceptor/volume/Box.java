package dev.preceptor.volume;

import java.util.BitSet;
import java.util.Optional;

/**
 * A box of voxels with inclusive lower corner (x0, y0, z0) and exclusive upper corner (x1, y1, z1), in voxel indices.
 * It may extend beyond a grid; cropping then pads.
 */
public record Box(int x0, int y0, int z0, int x1, int y1, int z1) {
    public Box {
        if (x1 <= x0 || y1 <= y0 || z1 <= z0) {
            throw new IllegalArgumentException(
                    "empty box (" + x0 + "," + y0 + "," + z0 + ")-(" + x1 + "," + y1 + "," + z1 + ")");
        }
    }

    /** The box of all voxels of a grid. */
    public static Box of(Size size) {
        return new Box(0, 0, 0, size.x(), size.y(), size.z());
    }

    /**
     * A box of the given size at the centre of a grid. Along each axis it starts at {@code floor((extent - size) / 2)},
     * which is negative (padding) if the grid is smaller.
     */
    public static Box centred(Size grid, Size size) {
        return at(
                Math.floorDiv(grid.x() - size.x(), 2),
                Math.floorDiv(grid.y() - size.y(), 2),
                Math.floorDiv(grid.z() - size.z(), 2),
                size);
    }

    /** The smallest box around the voxels of a mask on a grid of this size; empty for an empty mask. */
    public static Optional<Box> around(BitSet mask, Size size) {
        if (mask.isEmpty()) {
            return Optional.empty();
        }
        int[] low = {size.x(), size.y(), size.z()};
        int[] high = new int[3];
        VoxelRuns.forEach(mask, size.x(), (start, end) -> {
            int line = start / size.x();
            int y = line % size.y();
            int z = line / size.y();
            low[0] = Math.min(low[0], start - line * size.x());
            high[0] = Math.max(high[0], end - line * size.x());
            low[1] = Math.min(low[1], y);
            high[1] = Math.max(high[1], y + 1);
            low[2] = Math.min(low[2], z);
            high[2] = z + 1;
        });
        return Optional.of(new Box(low[0], low[1], low[2], high[0], high[1], high[2]));
    }

    /**
     * The mask on a grid of the size of this box.
     *
     * @param mask a mask whose voxels all lie inside this box
     * @param size the size of the grid of {@code mask}
     */
    public BitSet cropped(BitSet mask, Size size) {
        Size to = size();
        BitSet cropped = new BitSet(to.voxels());
        VoxelRuns.forEach(mask, size.x(), (from, end) -> {
            int line = from / size.x();
            int start = to.index(from - line * size.x() - x0, line % size.y() - y0, line / size.y() - z0);
            cropped.set(start, start + end - from);
        });
        return cropped;
    }

    /** A box of the given size with its lower corner at (x, y, z). */
    public static Box at(int x, int y, int z, Size size) {
        return new Box(x, y, z, x + size.x(), y + size.y(), z + size.z());
    }

    /** The extent in voxels. */
    public Size size() {
        return new Size(x1 - x0, y1 - y0, z1 - z0);
    }

    /** The smallest box that contains both boxes. */
    public Box union(Box other) {
        return new Box(
                Math.min(x0, other.x0),
                Math.min(y0, other.y0),
                Math.min(z0, other.z0),
                Math.max(x1, other.x1),
                Math.max(y1, other.y1),
                Math.max(z1, other.z1));
    }

    /** This box extended by {@code margin} voxels on all six sides. */
    public Box grown(int margin) {
        return new Box(x0 - margin, y0 - margin, z0 - margin, x1 + margin, y1 + margin, z1 + margin);
    }

    /**
     * The part of this box inside a grid of the given size.
     *
     * @throws IllegalArgumentException if that part is empty
     */
    public Box within(Size size) {
        return new Box(
                Math.max(x0, 0),
                Math.max(y0, 0),
                Math.max(z0, 0),
                Math.min(x1, size.x()),
                Math.min(y1, size.y()),
                Math.min(z1, size.z()));
    }
}
