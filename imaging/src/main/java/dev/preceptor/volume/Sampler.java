package dev.preceptor.volume;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Locates the voxel centres of a target grid between the voxels of a source grid, row by row. Source coordinates that
 * do not change along a row, as between grids that are not rotated against each other, are computed once per row.
 */
final class Sampler {
    /**
     * Coordinates within this distance (in voxels) of a centre or border lie on it; this covers the rounding of affines
     * in headers.
     */
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

    /** Processes one row of target voxels, which starts at index {@code at} of the target array. */
    @FunctionalInterface
    interface RowConsumer {
        void accept(RowSamples row, int at);
    }

    /** Calls the consumer for each row, in parallel over slices; the row object is reused within a slice. */
    void forEachRow(RowConsumer consumer) {
        IntStream.range(0, target.z()).parallel().forEach(k -> {
            RowSamples row = new RowSamples(target.x());
            for (int j = 0; j < target.y(); j++) {
                locate(row, j, k);
                consumer.accept(row, target.index(0, j, k));
            }
        });
    }

    /**
     * One row of target voxels. For voxel i and source axis a, {@code low[a][i]} and {@code high[a][i]} are the two
     * neighbours as offsets into the source array, to be summed over the axes, and {@code weight[a][i]} is the weight
     * of {@code high}, in [0, 1); on a voxel centre both neighbours are equal. The values are undefined where {@code
     * inside} is false.
     */
    static final class RowSamples {
        final int length;
        final int[][] low;
        final int[][] high;
        final double[][] weight;
        final boolean[] inside;

        RowSamples(int length) {
            this.length = length;
            low = new int[3][length];
            high = new int[3][length];
            weight = new double[3][length];
            inside = new boolean[length];
        }
    }

    private void locate(RowSamples row, int j, int k) {
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

    private boolean place(RowSamples row, int a, int i, double coordinate, int stride) {
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
