package dev.preceptor.volume;

/**
 * Normalises intensities of skull-stripped images, in which background voxels are exactly 0. Stateless, thread-safe.
 */
public final class Intensities {
    /** A lower bound of the standard deviation, so that a constant image becomes zeros. */
    private static final double MIN_DEVIATION = 1e-8;

    private Intensities() {}

    /** Mean and population standard deviation of the non-zero voxels; both 0 if there are none. */
    public record Statistics(double mean, double deviation) {}

    /** The statistics of the non-zero voxels, computed in double precision in two passes. */
    public static Statistics nonZero(float[] voxels) {
        double sum = 0;
        int count = 0;
        for (float voxel : voxels) {
            if (voxel != 0) {
                sum += voxel;
                count++;
            }
        }
        if (count == 0) {
            return new Statistics(0, 0);
        }
        double mean = sum / count;
        double squares = 0;
        for (float voxel : voxels) {
            if (voxel != 0) {
                squares += (voxel - mean) * (voxel - mean);
            }
        }
        return new Statistics(mean, Math.sqrt(squares / count));
    }

    /**
     * The z-score over the non-zero voxels, {@code (v - mean) / max(deviation, 1e-8)}; voxels of 0 stay 0. Returns a new array. Source:
     * nnU-Net's normalisation of MRI with a non-zero mask.
     */
    public static float[] zScoreNonZero(float[] voxels) {
        return zScoreNonZero(voxels, nonZero(voxels));
    }

    /**
     * The same for a part of the voxels; returns a new array.
     *
     * @param statistics of all voxels
     */
    public static float[] zScoreNonZero(float[] voxels, Statistics statistics) {
        double factor = 1 / Math.max(statistics.deviation(), MIN_DEVIATION);
        float[] out = new float[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0) {
                out[i] = (float) ((voxels[i] - statistics.mean()) * factor);
            }
        }
        return out;
    }
}
