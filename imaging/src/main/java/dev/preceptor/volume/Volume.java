package dev.preceptor.volume;

/**
 * A 3-D scalar image: f(x, y, z) for 0 &le; x &lt; nx and so on, on a grid in RAS+ millimetres.
 *
 * <p>The array is shared, not copied, and is to be treated as constant once the volume is built; operations return new
 * volumes. Equality is that of identity of the array, so compare voxels explicitly.
 *
 * @param grid where the voxels lie
 * @param voxels the values, x-fastest, {@code grid.size().voxels()} of them
 */
public record Volume(Grid grid, float[] voxels) {
    public Volume {
        if (voxels.length != grid.size().voxels()) {
            throw new IllegalArgumentException(voxels.length + " values for " + grid.size() + " voxels");
        }
    }

    /** The extent in voxels. */
    public Size size() {
        return grid.size();
    }

    /** The value at a voxel; the indices are not checked beyond the array's bounds. */
    public float at(int x, int y, int z) {
        return voxels[grid.size().index(x, y, z)];
    }
}
