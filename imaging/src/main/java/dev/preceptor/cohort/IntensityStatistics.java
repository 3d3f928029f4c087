package dev.preceptor.cohort;

import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Volume;
import java.util.Arrays;

/**
 * Statistics of the finite non-zero voxels of one image, in the unit of the file.
 *
 * @param voxels the number of such voxels
 * @param mean their mean
 * @param std their population standard deviation
 * @param p005 0.5th percentile
 * @param p50 median
 * @param p995 99.5th percentile
 */
public record IntensityStatistics(long voxels, double mean, double std, double p005, double p50, double p995) {

    /** Computes the statistics of an image; all NaN if it has no finite non-zero voxel. */
    public static IntensityStatistics of(Volume volume) {
        float[] values = new float[volume.voxels().length];
        int count = 0;
        double sum = 0;
        for (float v : volume.voxels()) {
            if (v != 0 && Float.isFinite(v)) {
                values[count++] = v;
                sum += v;
            }
        }
        if (count == 0) {
            return new IntensityStatistics(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        float[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return new IntensityStatistics(
                count,
                mean,
                Math.sqrt(squares / count),
                Quantile.of(sorted, 0.005),
                Quantile.of(sorted, 0.5),
                Quantile.of(sorted, 0.995));
    }
}
