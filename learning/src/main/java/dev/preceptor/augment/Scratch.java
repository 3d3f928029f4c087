package dev.preceptor.augment;

/**
 * Arrays that a thread uses again for each patch: to make them anew, and zero, would take as long as what they are for. They
 * grow to the largest image met and hold anything finite. Not thread-safe.
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
