package dev.preceptor.volume;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Finds, row by row of a target grid, between which voxels of a source grid its centres fall. Where an axis of the source
 * does not change along a row, as in all grids that are not rotated against each other, it is worked out once a row.
 */
final class Sampler {
    /** Coordinates this close (in voxels) to a centre or a border are on it: the rounding of affines in headers. */
    private static final double SNAP = 1e-6;

    private final double[][] toSource;
    private final Size source;
    private final Size target;

    Sampler(Grid from, Grid to) {
        source = from.size();
        target = to.size();
        toSource = from.affine().inverse().times(to.affine()).toMatrix();
        for (int a = 0; a < 3; a++) {
            for (int t = 0; t < 3; t++) {
                if (Math.abs(toSource[a][t]) * target.along(t) < SNAP) {
                    toSource[a][t] = 0;
                }
            }
        }
    }

    /** Works on one row of target voxels, which start at {@code at} in the target array. */
    @FunctionalInterface
    interface Kernel {
        void accept(Row row, int at);
    }

    /** Calls the kernel for each row, in parallel over slabs; a row object is used again within a slab. */
    void forEachRow(Kernel kernel) {
        IntStream.range(0, target.z()).parallel().forEach(k -> {
            Row row = new Row(target.x());
            for (int j = 0; j < target.y(); j++) {
                locate(row, j, k);
                kernel.accept(row, target.index(0, j, k));
            }
        });
    }

    /**
     * One row of target voxels. For voxel i and source axis a, {@code low[a][i]} and {@code high[a][i]} are the two
     * neighbours as offsets into the source array, to be added over the axes, and {@code weight[a][i]} is the share of the
     * second, from 0 to below 1; on a centre both are the same. Outside the source they mean nothing.
     */
    static final class Row {
        final int length;
        final int[][] low;
        final int[][] high;
        final double[][] weight;
        final boolean[] inside;

        Row(int length) {
            this.length = length;
            low = new int[3][length];
            high = new int[3][length];
            weight = new double[3][length];
            inside = new boolean[length];
        }
    }

    private void locate(Row row, int j, int k) {
        Arrays.fill(row.inside, true);
        int stride = 1;
        for (int a = 0; a < 3; a++) {
            double[] m = toSource[a];
            double start = m[1] * j + m[2] * k + m[3];
            if (m[0] == 0) {
                if (!place(row, a, 0, start, stride)) {
                    Arrays.fill(row.inside, false);
                    return;
                }
                Arrays.fill(row.low[a], row.low[a][0]);
                Arrays.fill(row.high[a], row.high[a][0]);
                Arrays.fill(row.weight[a], row.weight[a][0]);
            } else {
                for (int i = 0; i < row.length; i++) {
                    row.inside[i] &= place(row, a, i, start + m[0] * i, stride);
                }
            }
            stride *= source.along(a);
        }
    }

    private boolean place(Row row, int a, int i, double coordinate, int stride) {
        int extent = source.along(a);
        if (!(coordinate >= -0.5 - SNAP && coordinate <= extent - 0.5 + SNAP)) {
            return false;
        }
        double nearest = Math.rint(coordinate);
        double snapped = Math.abs(coordinate - nearest) <= SNAP ? nearest : coordinate;
        double clamped = Math.min(Math.max(snapped, 0), extent - 1);
        int low = (int) clamped;
        double weight = clamped - low;
        row.low[a][i] = low * stride;
        row.high[a][i] = (weight == 0 ? low : low + 1) * stride;
        row.weight[a][i] = weight;
        return true;
    }
}
