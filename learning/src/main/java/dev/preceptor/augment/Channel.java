package dev.preceptor.augment;

import dev.preceptor.volume.Size;
import java.util.Arrays;

/**
 * One sequence of a patch: voxels, z-fastest, in a part of a larger array.
 *
 * @param values the array
 * @param start index of the first voxel
 * @param size of the patch in voxels
 */
record Channel(float[] values, int start, Size size) {
    /** One past the index of the last voxel. */
    int end() {
        return start + size.voxels();
    }

    /** The index of the first voxel of the row along z at (x, y). */
    int row(int x, int y) {
        return start + (x * size.y() + y) * size.z();
    }

    /** A copy in an array that holds nothing else. */
    Channel copy() {
        return new Channel(Arrays.copyOfRange(values, start, end()), 0, size);
    }
}
