package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;
import java.util.Arrays;

/**
 * A smooth displacement field on a patch: cubic B-splines on a coarse grid of control points (Rueckert et al., IEEE TMI
 * 18(8), 1999). It is invertible as long as no control point moves by more than 0.4 of the grid's spacing (Choi and Lee,
 * Graphical Models 62, 2000).
 */
final class Elastic {
    /** Intervals between control points along each axis. */
    static final int INTERVALS = 4;

    private static final int POINTS = INTERVALS + 3;

    /** Displacements of the control points in voxels, [x][y][axis][z]. */
    private final double[][][][] points;

    private final Basis alongX;
    private final Basis alongY;
    private final Basis alongZ;

    private Elastic(double[][][][] points, Basis alongX, Basis alongY, Basis alongZ) {
        this.points = points;
        this.alongX = alongX;
        this.alongY = alongY;
        this.alongZ = alongZ;
    }

    /** @param share maximal displacement of a control point along an axis, divided by the grid's spacing */
    static Elastic draw(double share, Size size, RandomSource random) {
        double[][][][] points = new double[POINTS][POINTS][3][POINTS];
        for (double[][][] plane : points) {
            for (double[][] row : plane) {
                for (int axis = 0; axis < 3; axis++) {
                    double maximum = share * size.along(axis) / INTERVALS;
                    for (int k = 0; k < POINTS; k++) {
                        row[axis][k] = random.uniform(-maximum, maximum);
                    }
                }
            }
        }
        return new Elastic(points, Basis.of(size.x()), Basis.of(size.y()), Basis.of(size.z()));
    }

    /** The largest displacement of a control point along an axis, in voxels, which bounds that of every voxel. */
    double maximum(int axis) {
        double maximum = 0;
        for (double[][][] plane : points) {
            for (double[][] row : plane) {
                for (double displacement : row[axis]) {
                    maximum = Math.max(maximum, Math.abs(displacement));
                }
            }
        }
        return maximum;
    }

    /** The same field in the coordinates of the image: each displacement d becomes M d. {@link #maximum} bounds M d then. */
    Elastic through(double[][] matrix) {
        double[][][][] moved = new double[POINTS][POINTS][3][POINTS];
        for (int i = 0; i < POINTS; i++) {
            for (int j = 0; j < POINTS; j++) {
                for (int axis = 0; axis < 3; axis++) {
                    for (int k = 0; k < POINTS; k++) {
                        moved[i][j][axis][k] = matrix[axis][0] * points[i][j][0][k]
                                + matrix[axis][1] * points[i][j][1][k]
                                + matrix[axis][2] * points[i][j][2][k];
                    }
                }
            }
        }
        return new Elastic(moved, alongX, alongY, alongZ);
    }

    /** The displacements of the voxels at x. */
    Plane plane(int x) {
        double[][][] lines = new double[POINTS][3][POINTS];
        for (int i = 0; i < 4; i++) {
            double weight = alongX.weights[x][i];
            for (int j = 0; j < POINTS; j++) {
                for (int axis = 0; axis < 3; axis++) {
                    double[] from = points[alongX.first[x] + i][j][axis];
                    for (int k = 0; k < POINTS; k++) {
                        lines[j][axis][k] += weight * from[k];
                    }
                }
            }
        }
        return new Plane(lines, alongY, alongZ);
    }

    /**
     * The field on one plane.
     *
     * @param lines displacements of its control points, [y][axis][z]
     */
    record Plane(double[][][] lines, Basis alongY, Basis alongZ) {
        /**
         * Computes the displacements of the voxels of the row at y from {@code z0} on: one cubic polynomial for each interval
         * between control points.
         *
         * @param displacements [axis][z - z0], in voxels; their length is that of the part of the row
         */
        void row(int y, int z0, float[][] displacements) {
            double[] line = new double[POINTS];
            int z1 = z0 + displacements[0].length;
            for (int axis = 0; axis < 3; axis++) {
                Arrays.fill(line, 0);
                for (int j = 0; j < 4; j++) {
                    double[] from = lines[alongY.first[y] + j][axis];
                    for (int k = 0; k < POINTS; k++) {
                        line[k] += alongY.weights[y][j] * from[k];
                    }
                }
                int begin = z0;
                while (begin < z1) {
                    int k = alongZ.first[begin];
                    int end = Math.min(alongZ.ends[k], z1);
                    cubic(line, k, alongZ.offsets, begin, end, displacements[axis], begin - z0);
                    begin = end;
                }
            }
        }

        /** The spline of the control points from k on, in powers of the offset t. */
        private static void cubic(double[] line, int k, float[] t, int begin, int end, float[] out, int to) {
            float c0 = (float) ((line[k] + 4 * line[k + 1] + line[k + 2]) / 6);
            float c1 = (float) ((line[k + 2] - line[k]) / 2);
            float c2 = (float) ((line[k] - 2 * line[k + 1] + line[k + 2]) / 2);
            float c3 = (float) ((line[k + 3] - line[k] + 3 * (line[k + 1] - line[k + 2])) / 6);
            for (int i = 0; i < end - begin; i++) {
                float offset = t[begin + i];
                out[to + i] = c0 + offset * (c1 + offset * (c2 + offset * c3));
            }
        }
    }

    /**
     * The B-splines along one axis.
     *
     * @param first for each voxel the first of the four control points that move it
     * @param weights their weights
     * @param offsets for each voxel its position between two control points, 0 to 1
     * @param ends for each first control point one past the last voxel
     */
    record Basis(int[] first, double[][] weights, float[] offsets, int[] ends) {
        static Basis of(int extent) {
            int[] first = new int[extent];
            double[][] weights = new double[extent][];
            float[] offsets = new float[extent];
            int[] ends = new int[INTERVALS];
            for (int i = 0; i < extent; i++) {
                double position = (i + 0.5) * INTERVALS / extent;
                first[i] = (int) position;
                ends[first[i]] = i + 1;
                double t = position - first[i];
                double u = 1 - t;
                offsets[i] = (float) t;
                weights[i] = new double[] {
                    u * u * u / 6,
                    (3 * t * t * t - 6 * t * t + 4) / 6,
                    (3 * u * u * u - 6 * u * u + 4) / 6,
                    t * t * t / 6
                };
            }
            return new Basis(first, weights, offsets, ends);
        }
    }
}
