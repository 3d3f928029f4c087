package dev.preceptor.volume;

/**
 * The extent of a 3-D grid in voxels: each at least 1, their product at most {@link Integer#MAX_VALUE}.
 *
 * @param x the number of voxels along the first axis, the fastest in memory
 * @param y the number of voxels along the second axis
 * @param z the number of voxels along the third axis
 */
public record Size(int x, int y, int z) {
    public Size {
        if (x < 1 || y < 1 || z < 1) {
            throw new IllegalArgumentException("a size must be at least 1x1x1, not " + x + "x" + y + "x" + z);
        }
        if ((long) x * y > Integer.MAX_VALUE || (long) x * y * z > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("more than 2^31-1 voxels: " + x + "x" + y + "x" + z);
        }
    }

    /** The size of a cube. */
    public static Size cube(int edge) {
        return new Size(edge, edge, edge);
    }

    /** The number of voxels. */
    public int voxels() {
        return x * y * z;
    }

    /** The index of voxel (i, j, k) in an x-fastest array; the arguments are not checked. */
    public int index(int i, int j, int k) {
        return i + x * (j + y * k);
    }

    /** The size of the dual grid, whose cells have voxel centres as corners: one more along each axis. */
    public Size dual() {
        return new Size(x + 1, y + 1, z + 1);
    }

    /** The extent along axis 0, 1 or 2. */
    public int along(int axis) {
        return switch (axis) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            default -> throw new IllegalArgumentException("axis " + axis);
        };
    }

    @Override
    public String toString() {
        return x + "x" + y + "x" + z;
    }
}
