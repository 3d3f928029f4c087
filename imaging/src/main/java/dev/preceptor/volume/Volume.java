package dev.preceptor.volume;

/**
 * A 3-D scalar image on a grid.
 *
 * <pre>{@code
 * Grid grid = Grid.of(new Size(3, 2, 1), 2);
 * Volume image = new Volume(grid, new float[] {0, 10, 20, 30, 40, 50});
 * float value = image.at(1, 1, 0); // 40: arrays are x-fastest
 * double[] centre = grid.affine().apply(1, 1, 0); // {2, 2, 0} in RAS+ millimetres
 * Volume fine = Resampling.linear(image, grid.withSpacing(1, 1, 2)); // 6x4x1 voxels
 * Volume corner = Cropping.crop(image, new Box(1, 0, 0, 3, 1, 1)); // {10, 20}
 * }</pre>
 *
 * <p>The array is shared, not copied; it must not be changed after construction, and operations return new volumes.
 * Like all records with arrays, two volumes are equal only if they share the array, so compare voxels explicitly.
 *
 * @param grid the positions of the voxels
 * @param voxels the values, x-fastest, {@code grid.size().voxels()} of them
 */
public record Volume(Grid grid, float[] voxels) {
    /** @throws IllegalArgumentException if the number of values is not that of the voxels */
    public Volume {
        if (voxels.length != grid.size().voxels()) {
            throw new IllegalArgumentException(voxels.length + " values for " + grid.size() + " voxels");
        }
    }

    /** The extent in voxels. */
    public Size size() {
        return grid.size();
    }

    /** The value of voxel (x, y, z); the indices are checked only against the length of the array. */
    public float at(int x, int y, int z) {
        return voxels[grid.size().index(x, y, z)];
    }
}
