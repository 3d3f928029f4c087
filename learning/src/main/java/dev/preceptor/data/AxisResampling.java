package dev.preceptor.data;

import dev.preceptor.volume.Size;

/**
 * Resampling along one axis: each target voxel is a weighted mean of source voxels. The weights form a triangle around the
 * target's centre whose half width is the larger of the two voxel edges: linear interpolation towards finer voxels,
 * smoothing without aliasing towards coarser ones. Voxels outside the source have no weight.
 *
 * @param first for each target voxel the index of its first source voxel
 * @param weights for each target voxel the weights of the source voxels from there on; they sum to 1
 */
record AxisResampling(int[] first, float[][] weights) {
    /**
     * The weights for an axis; both axes start at the same face.
     *
     * @param from extent of the source axis in voxels
     * @param to extent of the target axis in voxels
     * @param ratio edge of a target voxel divided by the edge of a source voxel
     */
    static AxisResampling of(int from, int to, double ratio) {
        int[] first = new int[to];
        float[][] weights = new float[to][];
        double halfWidth = Math.max(1, ratio);
        for (int i = 0; i < to; i++) {
            double centre = Math.min(Math.max((i + 0.5) * ratio - 0.5, 0), from - 1);
            int low = Math.max((int) Math.floor(centre - halfWidth) + 1, 0);
            int high = Math.min((int) Math.ceil(centre + halfWidth) - 1, from - 1);
            first[i] = low;
            weights[i] = triangle(centre, halfWidth, low, high);
        }
        return new AxisResampling(first, weights);
    }

    private static float[] triangle(double centre, double halfWidth, int low, int high) {
        double[] weights = new double[high - low + 1];
        double sum = 0;
        for (int j = low; j <= high; j++) {
            weights[j - low] = 1 - Math.abs(j - centre) / halfWidth;
            sum += weights[j - low];
        }
        float[] normalised = new float[weights.length];
        for (int j = 0; j < normalised.length; j++) {
            normalised[j] = (float) (weights[j] / sum);
        }
        return normalised;
    }

    /** Resamples an x-fastest array along its three axes. */
    static float[] apply(float[] voxels, Size size, AxisResampling x, AxisResampling y, AxisResampling z) {
        float[] alongX = x.along(voxels, 1, size.x());
        float[] alongXy = y.along(alongX, x.first.length, size.y());
        return z.along(alongXy, x.first.length * y.first.length, size.z());
    }

    /** Resamples the middle axis of an array [outer, extent, inner], the last axis fastest. */
    private float[] along(float[] values, int inner, int extent) {
        int outer = values.length / inner / extent;
        int to = first.length;
        float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, to), inner)];
        for (int o = 0; o < outer; o++) {
            for (int i = 0; i < to; i++) {
                int target = (o * to + i) * inner;
                for (int j = 0; j < weights[i].length; j++) {
                    float weight = weights[i][j];
                    int source = (o * extent + first[i] + j) * inner;
                    for (int k = 0; k < inner; k++) {
                        result[target + k] += weight * values[source + k];
                    }
                }
            }
        }
        return result;
    }
}
