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

    private Elastic(double[][][][] points, Size size) {
        this.points = points;
        this.alongX = Basis.of(size.x());
        this.alongY = Basis.of(size.y());
        this.alongZ = Basis.of(size.z());
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
        return new Elastic(points, size);
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

    /** The displacements of the voxels of the row at (x, y), [axis][z], in voxels. */
    void row(int x, int y, float[][] displacements) {
        double[] line = new double[POINTS];
        for (int axis = 0; axis < 3; axis++) {
            Arrays.fill(line, 0);
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) {
                    double weight = alongX.weights[x][i] * alongY.weights[y][j];
                    double[] from = points[alongX.first[x] + i][alongY.first[y] + j][axis];
                    for (int k = 0; k < POINTS; k++) {
                        line[k] += weight * from[k];
                    }
                }
            }
            for (int z = 0; z < displacements[axis].length; z++) {
                int first = alongZ.first[z];
                double[] weights = alongZ.weights[z];
                displacements[axis][z] = (float) (weights[0] * line[first]
                        + weights[1] * line[first + 1]
                        + weights[2] * line[first + 2]
                        + weights[3] * line[first + 3]);
            }
        }
    }

    /** For each voxel of an axis, the first of the four control points that move it, and their B-spline weights. */
    private record Basis(int[] first, double[][] weights) {
        static Basis of(int extent) {
            int[] first = new int[extent];
            double[][] weights = new double[extent][];
            for (int i = 0; i < extent; i++) {
                double position = (i + 0.5) * INTERVALS / extent;
                first[i] = (int) position;
                double t = position - first[i];
                double u = 1 - t;
                weights[i] = new double[] {
                    u * u * u / 6,
                    (3 * t * t * t - 6 * t * t + 4) / 6,
                    (3 * u * u * u - 6 * u * u + 4) / 6,
                    t * t * t / 6
                };
            }
            return new Basis(first, weights);
        }
    }
}
