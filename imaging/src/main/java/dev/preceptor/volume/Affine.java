package dev.preceptor.volume;

import java.util.Locale;

/**
 * An affine map of 3-D space, given row by row: {@code x' = m00 x + m01 y + m02 z + m03}, and so on. The affine of a
 * grid maps voxel indices to RAS+ millimetres (x to the patient's right, y to anterior, z to superior), as in NIfTI.
 */
public record Affine(
        double m00,
        double m01,
        double m02,
        double m03,
        double m10,
        double m11,
        double m12,
        double m13,
        double m20,
        double m21,
        double m22,
        double m23) {

    /** The map that multiplies each coordinate by a factor. */
    public static Affine scaling(double x, double y, double z) {
        return new Affine(x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0);
    }

    /** The map that adds an offset to each coordinate. */
    public static Affine translation(double x, double y, double z) {
        return new Affine(1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z);
    }

    /** The map of a matrix of three rows and four columns; a fourth row is ignored. */
    public static Affine of(double[][] m) {
        return new Affine(
                m[0][0], m[0][1], m[0][2], m[0][3], m[1][0], m[1][1], m[1][2], m[1][3], m[2][0], m[2][1], m[2][2],
                m[2][3]);
    }

    /** The 4x4 matrix, row by row; a new array. */
    public double[][] toMatrix() {
        return new double[][] {{m00, m01, m02, m03}, {m10, m11, m12, m13}, {m20, m21, m22, m23}, {0, 0, 0, 1}};
    }

    /** The composition of two maps: {@code (this * first)(p) = this(first(p))}. */
    public Affine times(Affine first) {
        double[][] a = toMatrix();
        double[][] b = first.toMatrix();
        double[][] c = new double[3][4];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
                for (int k = 0; k < 4; k++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return of(c);
    }

    /** The image of a point; a new array of three coordinates. */
    public double[] apply(double x, double y, double z) {
        return new double[] {
            m00 * x + m01 * y + m02 * z + m03, m10 * x + m11 * y + m12 * z + m13, m20 * x + m21 * y + m22 * z + m23
        };
    }

    /**
     * The determinant of the linear part. For the affine of a grid, its absolute value is the voxel volume in cubic
     * millimetres.
     */
    public double determinant() {
        return m00 * (m11 * m22 - m12 * m21) - m01 * (m10 * m22 - m12 * m20) + m02 * (m10 * m21 - m11 * m20);
    }

    /** Whether all entries are finite and the map has an inverse. */
    public boolean isInvertible() {
        double d = determinant();
        double scale = Math.abs(column(0)) * Math.abs(column(1)) * Math.abs(column(2));
        return Double.isFinite(d)
                && Double.isFinite(m03)
                && Double.isFinite(m13)
                && Double.isFinite(m23)
                && scale > 0
                && Math.abs(d) > 1e-9 * scale;
    }

    /**
     * The inverse map.
     *
     * @throws IllegalArgumentException if the map is not invertible
     */
    public Affine inverse() {
        if (!isInvertible()) {
            throw new IllegalArgumentException("singular affine " + this);
        }
        double d = determinant();
        double a00 = (m11 * m22 - m12 * m21) / d;
        double a01 = (m02 * m21 - m01 * m22) / d;
        double a02 = (m01 * m12 - m02 * m11) / d;
        double a10 = (m12 * m20 - m10 * m22) / d;
        double a11 = (m00 * m22 - m02 * m20) / d;
        double a12 = (m02 * m10 - m00 * m12) / d;
        double a20 = (m10 * m21 - m11 * m20) / d;
        double a21 = (m01 * m20 - m00 * m21) / d;
        double a22 = (m00 * m11 - m01 * m10) / d;
        return new Affine(
                a00,
                a01,
                a02,
                -(a00 * m03 + a01 * m13 + a02 * m23),
                a10,
                a11,
                a12,
                -(a10 * m03 + a11 * m13 + a12 * m23),
                a20,
                a21,
                a22,
                -(a20 * m03 + a21 * m13 + a22 * m23));
    }

    /**
     * The lengths of the three columns. For the affine of a grid, these are the voxel sizes in millimetres; a new
     * array.
     */
    public double[] spacing() {
        return new double[] {column(0), column(1), column(2)};
    }

    /** Whether all entries differ by at most {@code tolerance}. */
    public boolean isCloseTo(Affine other, double tolerance) {
        double[][] a = toMatrix();
        double[][] b = other.toMatrix();
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
                if (!(Math.abs(a[i][j] - b[i][j]) <= tolerance)) {
                    return false;
                }
            }
        }
        return true;
    }

    private double column(int j) {
        double[][] m = toMatrix();
        return Math.sqrt(m[0][j] * m[0][j] + m[1][j] * m[1][j] + m[2][j] * m[2][j]);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        double[][] m = toMatrix();
        for (int i = 0; i < 3; i++) {
            text.append(i == 0 ? "[" : " [");
            for (int j = 0; j < 4; j++) {
                text.append(j == 0 ? "" : " ").append(String.format(Locale.ROOT, "%.6g", m[i][j]));
            }
            text.append(']');
        }
        return text.append(']').toString();
    }
}
