package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import java.util.Optional;

/**
 * The qform of a header (nifti1.h, method 2): a rotation as the unit quaternion (a, b, c, d) with a &ge; 0, of which
 * only b, c and d are stored, with handedness, voxel sizes and origin.
 *
 * @param handedness the sign of the third axis, 1 or -1 (qfac)
 * @param spacing the voxel sizes along the three axes
 * @param origin the world coordinates of voxel (0, 0, 0)
 */
record QForm(double b, double c, double d, double handedness, double[] spacing, double[] origin) {
    /** The largest amount by which b² + c² + d² may exceed 1 through rounding; beyond it, the header is damaged. */
    private static final double EXCESS = 1e-4;

    /** The largest cosine between two axes, apart from which an affine is rotation times spacing and has a qform. */
    private static final double SHEAR = 1e-4;

    /** The affine; empty if (b, c, d) is not part of a unit quaternion. */
    Optional<Affine> affine() {
        double squared = 1 - (b * b + c * c + d * d);
        if (!(squared >= -EXCESS)) {
            return Optional.empty();
        }
        double a = Math.sqrt(Math.max(0, squared));
        double s = 2 / (a * a + b * b + c * c + d * d);
        double[][] r = {
            {1 - s * (c * c + d * d), s * (b * c - a * d), s * (b * d + a * c)},
            {s * (b * c + a * d), 1 - s * (b * b + d * d), s * (c * d - a * b)},
            {s * (b * d - a * c), s * (c * d + a * b), 1 - s * (b * b + c * c)}
        };
        double[][] m = new double[3][4];
        for (int i = 0; i < 3; i++) {
            m[i][0] = r[i][0] * spacing[0];
            m[i][1] = r[i][1] * spacing[1];
            m[i][2] = r[i][2] * spacing[2] * handedness;
            m[i][3] = origin[i];
        }
        return Optional.of(Affine.of(m));
    }

    /** The qform of an affine; empty if the affine is sheared. */
    static Optional<QForm> of(Affine affine) {
        double[][] m = affine.toMatrix();
        double[] spacing = affine.spacing();
        double handedness = affine.determinant() < 0 ? -1 : 1;
        double[][] r = new double[3][3];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                r[i][j] = m[i][j] / spacing[j] * (j == 2 ? handedness : 1);
            }
        }
        for (int j = 0; j < 3; j++) {
            int k = (j + 1) % 3;
            double dot = r[0][j] * r[0][k] + r[1][j] * r[1][k] + r[2][j] * r[2][k];
            if (Math.abs(dot) > SHEAR) {
                return Optional.empty();
            }
        }
        double[] q = quaternion(r);
        double[] origin = {m[0][3], m[1][3], m[2][3]};
        return Optional.of(new QForm(q[1], q[2], q[3], handedness, spacing, origin));
    }

    /**
     * The unit quaternion of a rotation matrix. Dividing by the largest of the four components keeps all digits even
     * for half turns.
     */
    private static double[] quaternion(double[][] r) {
        double[] fourSquares = {
            1 + r[0][0] + r[1][1] + r[2][2],
            1 + r[0][0] - r[1][1] - r[2][2],
            1 - r[0][0] + r[1][1] - r[2][2],
            1 - r[0][0] - r[1][1] + r[2][2]
        };
        int largest = 0;
        for (int i = 1; i < 4; i++) {
            if (fourSquares[i] > fourSquares[largest]) {
                largest = i;
            }
        }
        double[][] fourProducts = {
            {fourSquares[0], r[2][1] - r[1][2], r[0][2] - r[2][0], r[1][0] - r[0][1]},
            {r[2][1] - r[1][2], fourSquares[1], r[1][0] + r[0][1], r[0][2] + r[2][0]},
            {r[0][2] - r[2][0], r[1][0] + r[0][1], fourSquares[2], r[2][1] + r[1][2]},
            {r[1][0] - r[0][1], r[0][2] + r[2][0], r[2][1] + r[1][2], fourSquares[3]}
        };
        double[] q = fourProducts[largest];
        double length = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
        double sign = q[0] < 0 ? -1 : 1;
        for (int i = 0; i < 4; i++) {
            q[i] *= sign / length;
        }
        return q;
    }
}
