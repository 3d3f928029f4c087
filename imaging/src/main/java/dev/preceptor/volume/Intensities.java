package dev.preceptor.volume;

/** Brings intensities to a common scale. */
public final class Intensities {
    /** A standard deviation below this counts as this, so that a constant image becomes zeros. */
    private static final double SMALLEST_DEVIATION = 1e-8;

    private Intensities() {}

    /**
     * Mean and standard deviation (dividing by the count) over the voxels that are not 0; 0 and 0 if there are none.
     *
     * @param voxels how many these are
     */
    public record Statistics(double mean, double deviation, int voxels) {}

    /** The statistics of the voxels that are not 0, added up in double precision in two passes. */
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
            return new Statistics(0, 0, 0);
        }
        double mean = sum / count;
        double squares = 0;
        for (float voxel : voxels) {
            if (voxel != 0) {
                squares += (voxel - mean) * (voxel - mean);
            }
        }
        return new Statistics(mean, Math.sqrt(squares / count), count);
    }

    /**
     * The z-score over the voxels that are not 0: {@code (v - mean) / max(deviation, 1e-8)}; the background stays 0
     * (nnU-Net's normalisation of skull-stripped MRI).
     */
    public static Volume zScoreNonZero(Volume volume) {
        return new Volume(volume.grid(), zScoreNonZero(volume.voxels()));
    }

    /** As {@link #zScoreNonZero(Volume)}, for bare voxels; a new array. */
    public static float[] zScoreNonZero(float[] voxels) {
        Statistics statistics = nonZero(voxels);
        double factor = 1 / Math.max(statistics.deviation(), SMALLEST_DEVIATION);
        float[] out = new float[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0) {
                out[i] = (float) ((voxels[i] - statistics.mean()) * factor);
            }
        }
        return out;
    }
}
