package dev.preceptor.augment;

/**
 * Arrays that a thread reuses for each patch: allocating and zeroing them would take as long as their use. They grow to the
 * largest region so far and contain arbitrary finite values. Not thread-safe.
 */
final class Scratch {
    private float[] image = new float[0];
    private byte[] labels = new byte[0];

    /** An array of at least this many voxels. */
    float[] image(int voxels) {
        if (image.length < voxels) {
            image = new float[voxels];
        }
        return image;
    }

    /** An array of at least this many voxels. */
    byte[] labels(int voxels) {
        if (labels.length < voxels) {
            labels = new byte[voxels];
        }
        return labels;
    }
}
