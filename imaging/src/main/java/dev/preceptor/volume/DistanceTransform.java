package dev.preceptor.volume;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Exact Euclidean distances from voxel centres to the nearest marked voxel, for any voxel size.
 *
 * <p>Method: separable lower envelopes of parabolas (Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012). Time
 * is linear in the voxels of the grid; memory is one double per voxel. Stateless, thread-safe.
 */
public final class DistanceTransform {
    private DistanceTransform() {}

    /**
     * Squared distances in square millimetres for all voxels, x-fastest; infinite everywhere if no voxel is marked.
     *
     * @param marked the indices of the voxels to measure to
     * @param size the size of the grid
     * @param spacingMm the voxel size along each axis, in millimetres
     */
    public static double[] squared(BitSet marked, Size size, double[] spacingMm) {
        double[] squared = new double[size.voxels()];
        Arrays.fill(squared, Double.POSITIVE_INFINITY);
        for (int i = marked.nextSetBit(0); i >= 0; i = marked.nextSetBit(i + 1)) {
            squared[i] = 0;
        }
        if (marked.isEmpty()) {
            return squared;
        }
        int row = size.x();
        int slice = row * size.y();
        LowerEnvelope alongX = new LowerEnvelope(size.x(), spacingMm[0]);
        LowerEnvelope alongY = new LowerEnvelope(size.y(), spacingMm[1]);
        LowerEnvelope alongZ = new LowerEnvelope(size.z(), spacingMm[2]);
        for (int start = 0; start < squared.length; start += row) {
            alongX.transform(squared, start, 1);
        }
        for (int start = 0; start < squared.length; start += slice) {
            for (int x = 0; x < row; x++) {
                alongY.transform(squared, start + x, row);
            }
        }
        for (int start = 0; start < slice; start++) {
            alongZ.transform(squared, start, slice);
        }
        return squared;
    }

    /**
     * Squared distances in square millimetres for some voxels, in ascending order of their indices. Faster than {@link
     * #squared} for few voxels, above all if marks are near.
     *
     * @param from the indices of the voxels to measure from
     * @param marked the indices of the voxels to measure to, at least one
     * @param size the size of the grid, at most 32767 voxels along x
     * @param spacingMm the voxel size along each axis, in millimetres
     */
    public static double[] squaredAt(BitSet from, BitSet marked, Size size, double[] spacingMm) {
        return new DistanceSearch(marked, size, spacingMm).squared(from);
    }
}
