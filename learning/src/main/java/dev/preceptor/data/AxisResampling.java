package dev.preceptor.data;

import dev.preceptor.volume.Size;

/**
 * From voxels of one edge to voxels of another along one axis: each target voxel is a weighted mean of source voxels, by
 * a triangle around its centre as wide as the larger of the two voxels. That is linear interpolation towards finer voxels,
 * and towards coarser ones a smoothing that leaves nothing to alias. Beyond the border only what is inside counts.
 *
 * @param first for each target voxel the first source voxel that it is mixed from
 * @param shares for each target voxel the shares of the source voxels from there on, of sum 1
 */
record AxisResampling(int[] first, float[][] shares) {
    /**
     * @param from voxels of the source axis
     * @param to voxels of the target axis, whose start is the source's
     * @param ratio edge of a target voxel over edge of a source voxel
     */
    static AxisResampling of(int from, int to, double ratio) {
        int[] first = new int[to];
        float[][] shares = new float[to][];
        double reach = Math.max(1, ratio);
        for (int i = 0; i < to; i++) {
            double centre = Math.min(Math.max((i + 0.5) * ratio - 0.5, 0), from - 1);
            int low = Math.max((int) Math.floor(centre - reach) + 1, 0);
            int high = Math.min((int) Math.ceil(centre + reach) - 1, from - 1);
            first[i] = low;
            shares[i] = shares(centre, reach, low, high);
        }
        return new AxisResampling(first, shares);
    }

    private static float[] shares(double centre, double reach, int low, int high) {
        double[] weights = new double[high - low + 1];
        double sum = 0;
        for (int j = low; j <= high; j++) {
            weights[j - low] = 1 - Math.abs(j - centre) / reach;
            sum += weights[j - low];
        }
        float[] shares = new float[weights.length];
        for (int j = 0; j < shares.length; j++) {
            shares[j] = (float) (weights[j] / sum);
        }
        return shares;
    }

    /** Applies one such map to each axis of an x-fastest array. */
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
                for (int j = 0; j < shares[i].length; j++) {
                    float share = shares[i][j];
                    int source = (o * extent + first[i] + j) * inner;
                    for (int k = 0; k < inner; k++) {
                        result[target + k] += share * values[source + k];
                    }
                }
            }
        }
        return result;
    }
}
