package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;
import java.util.Arrays;

/**
 * A smooth displacement of the voxels of a patch: cubic B-splines over a coarse lattice of control points (Rueckert et al.,
 * IEEE TMI 18(8), 1999). Where no point moves by more than 0.4 of their distance nothing folds (Choi and Lee, Graphical
 * Models 62, 2000).
 */
final class Elastic {
    /** Distances of control points along each axis. */
    static final int INTERVALS = 4;

    private static final int POINTS = INTERVALS + 3;

    /** Displacements in voxels, [x point][y point][axis][z point]. */
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

    /** @param share the furthest that a point moves along an axis, over the distance of the points */
    static Elastic draw(double share, Size size, RandomSource randomSource) {
        double[][][][] points = new double[POINTS][POINTS][3][POINTS];
        for (double[][][] plane : points) {
            for (double[][] row : plane) {
                for (int axis = 0; axis < 3; axis++) {
                    double most = share * size.along(axis) / INTERVALS;
                    for (int k = 0; k < POINTS; k++) {
                        row[axis][k] = randomSource.uniform(-most, most);
                    }
                }
            }
        }
        return new Elastic(points, size);
    }

    /** The largest displacement of a point along an axis, which no voxel exceeds. */
    double most(int axis) {
        double most = 0;
        for (double[][][] plane : points) {
            for (double[][] row : plane) {
                for (double displacement : row[axis]) {
                    most = Math.max(most, Math.abs(displacement));
                }
            }
        }
        return most;
    }

    /** The displacements along each axis of the voxels of a row, [3][z]. */
    void row(int x, int y, float[][] displacements) {
        double[] line = new double[POINTS];
        for (int axis = 0; axis < 3; axis++) {
            Arrays.fill(line, 0);
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) {
                    double share = alongX.shares[x][i] * alongY.shares[y][j];
                    double[] from = points[alongX.first[x] + i][alongY.first[y] + j][axis];
                    for (int k = 0; k < POINTS; k++) {
                        line[k] += share * from[k];
                    }
                }
            }
            for (int z = 0; z < displacements[axis].length; z++) {
                int first = alongZ.first[z];
                double[] shares = alongZ.shares[z];
                displacements[axis][z] = (float) (shares[0] * line[first]
                        + shares[1] * line[first + 1]
                        + shares[2] * line[first + 2]
                        + shares[3] * line[first + 3]);
            }
        }
    }

    /** For each voxel of an axis the first of the four points that move it, and their shares. */
    private record Basis(int[] first, double[][] shares) {
        static Basis of(int extent) {
            int[] first = new int[extent];
            double[][] shares = new double[extent][];
            for (int i = 0; i < extent; i++) {
                double place = (i + 0.5) * INTERVALS / extent;
                first[i] = (int) place;
                double t = place - first[i];
                double u = 1 - t;
                shares[i] = new double[] {
                    u * u * u / 6,
                    (3 * t * t * t - 6 * t * t + 4) / 6,
                    (3 * u * u * u - 6 * u * u + 4) / 6,
                    t * t * t / 6
                };
            }
            return new Basis(first, shares);
        }
    }
}
