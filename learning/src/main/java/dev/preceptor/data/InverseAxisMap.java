package dev.preceptor.data;

/**
 * Where the voxels of an axis of the oriented input lie on the model grid. Voxels inside the crop take the linear mean of
 * the two model voxels around them, the last one's value beyond it; voxels outside the crop have none.
 *
 * @param lower the model voxel at or below each voxel, -1 outside the crop
 * @param rest the share of the model voxel above it, 0 where the positions agree
 */
record InverseAxisMap(int[] lower, float[] rest) {
    /**
     * @param extent voxels of the oriented axis
     * @param ratio edge of a resampled voxel over edge of an oriented one; exactly 1 if nothing was resampled
     * @param resampledExtent voxels of the resampled axis; the last stands for what rounding left beyond it
     * @param start first resampled voxel of the crop
     * @param end first resampled voxel after the crop
     * @param kept which voxels of the crop are on the model grid, counted from its start, ascending
     */
    static InverseAxisMap of(int extent, double ratio, int resampledExtent, int start, int end, int[] kept) {
        int last = kept.length - 1;
        int[] lower = new int[extent];
        float[] rest = new float[extent];
        for (int i = 0; i < extent; i++) {
            double resampled = Math.min(Math.max((i + 0.5) / ratio - 0.5, 0), resampledExtent - 1);
            if (resampled < start - 0.5 || resampled >= end - 0.5) {
                lower[i] = -1;
                continue;
            }
            double position = Math.max(resampled - start, 0);
            int below = 0;
            while (below < last && kept[below + 1] <= position) {
                below++;
            }
            lower[i] = below;
            rest[i] = below == last ? 0 : (float) ((position - kept[below]) / (kept[below + 1] - kept[below]));
        }
        return new InverseAxisMap(lower, rest);
    }

    /** Whether every voxel has at most one model voxel. */
    boolean isExact() {
        for (float share : rest) {
            if (share != 0) {
                return false;
            }
        }
        return true;
    }
}
