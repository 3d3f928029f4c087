package dev.preceptor.augment;

import dev.preceptor.volume.Size;
import java.util.Arrays;

/**
 * One sequence of a patch: a box of voxels, z-fastest, within a larger array.
 *
 * @param values the array
 * @param start where the voxels begin in it
 * @param size their extents
 */
record Channel(float[] values, int start, Size size) {
    /** One past the last voxel in the array. */
    int end() {
        return start + size.voxels();
    }

    /** The place in the array of the row of voxels along z at (x, y). */
    int row(int x, int y) {
        return start + (x * size.y() + y) * size.z();
    }

    /** The voxels in an array of their own. */
    Channel copy() {
        return new Channel(Arrays.copyOfRange(values, start, end()), 0, size);
    }
}
