package dev.preceptor.data;

import java.util.stream.IntStream;

/**
 * The inverse of resampling, cropping and subsampling along one axis: where each voxel of the oriented input lies on the
 * model grid. A voxel inside the crop is interpolated linearly between the two model voxels around it and takes the value
 * of the last one beyond it; a voxel outside the crop has no value.
 *
 * @param lower for each voxel the index of the model voxel at or below it, -1 outside the crop
 * @param fraction for each voxel the weight of the model voxel above, 0 to 1; 0 where a model voxel lies at the same place
 */
record InverseAxisMap(int[] lower, float[] fraction) {
    /**
     * The map of an axis.
     *
     * @param extent extent of the oriented axis in voxels
     * @param ratio edge of a resampled voxel divided by the edge of an oriented one; exactly 1 without resampling
     * @param resampledExtent extent of the resampled axis in voxels; positions that rounding puts beyond it take its last voxel
     * @param start first resampled voxel of the crop
     * @param end first resampled voxel after the crop
     * @param sampled the voxels of the crop that are on the model grid, counted from its start, ascending
     */
    static InverseAxisMap of(int extent, double ratio, int resampledExtent, int start, int end, int[] sampled) {
        int last = sampled.length - 1;
        int[] lower = new int[extent];
        float[] fraction = new float[extent];
        for (int i = 0; i < extent; i++) {
            double resampled = Math.min(Math.max((i + 0.5) / ratio - 0.5, 0), resampledExtent - 1);
            if (resampled < start - 0.5 || resampled >= end - 0.5) {
                lower[i] = -1;
                continue;
            }
            double position = Math.max(resampled - start, 0);
            int below = 0;
            while (below < last && sampled[below + 1] <= position) {
                below++;
            }
            lower[i] = below;
            fraction[i] =
                    below == last ? 0 : (float) ((position - sampled[below]) / (sampled[below + 1] - sampled[below]));
        }
        return new InverseAxisMap(lower, fraction);
    }

    /** The voxels inside the crop, ascending. */
    int[] inside() {
        return IntStream.range(0, lower.length).filter(i -> lower[i] >= 0).toArray();
    }

    /** Whether there are voxels inside the crop, and each has the model voxel after that of its neighbour before. */
    boolean isConsecutive() {
        int[] inside = inside();
        return inside.length > 0
                && IntStream.range(1, inside.length).allMatch(i -> lower[inside[i]] == lower[inside[i - 1]] + 1);
    }

    /** Whether no voxel needs interpolation. */
    boolean isExact() {
        for (float weight : fraction) {
            if (weight != 0) {
                return false;
            }
        }
        return true;
    }
}
