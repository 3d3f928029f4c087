package dev.preceptor.dicom;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import java.util.Optional;

/**
 * The common plane of the frames of a multi-frame image: directions, pixel sizes and extent; each frame has a position of its own.
 *
 * @param orientation the direction of rows and of columns in LPS+, unit vectors at right angles (0020,0037)
 * @param betweenRows the distance of the centres of neighbouring rows, in mm
 * @param betweenColumns the distance of the centres of neighbouring columns, in mm
 * @param rows at least 1
 * @param columns at least 1
 */
record FramePlane(double[] orientation, double betweenRows, double betweenColumns, int rows, int columns) {
    /** How far the centre of a pixel may lie from that of its voxel, in voxels: less than half, or the voxel is not known. */
    static final double TOLERANCE = 0.25;

    private static final double UNIT = 1e-2;

    /** @throws IllegalArgumentException with the reason, if directions or pixel sizes are none */
    FramePlane {
        if (orientation.length != 6
                || Math.abs(dot(orientation, 0, orientation, 0) - 1) > UNIT
                || Math.abs(dot(orientation, 3, orientation, 3) - 1) > UNIT
                || !(Math.abs(dot(orientation, 0, orientation, 3)) <= UNIT)) {
            throw new IllegalArgumentException(
                    "has an orientation (0020,0037) other than two unit vectors at right angles");
        }
        if (!(betweenRows > 0 && betweenColumns > 0 && betweenRows < 1e4 && betweenColumns < 1e4)) {
            throw new IllegalArgumentException("has a pixel spacing (0028,0030) other than two numbers above 0");
        }
    }

    private static double dot(double[] a, int fromA, double[] b, int fromB) {
        return a[fromA] * b[fromB] + a[fromA + 1] * b[fromB + 1] + a[fromA + 2] * b[fromB + 2];
    }

    /** The unit normal in LPS+. */
    double[] normal() {
        double[] o = orientation;
        return new double[] {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
    }

    /** The distance of a position in LPS+ along the normal. */
    double along(double[] position) {
        return dot(normal(), 0, position, 0);
    }

    /**
     * Maps column, row and slices behind a frame to RAS+ millimetres.
     *
     * @param position of the first pixel of the frame in LPS+
     * @param step to the next slice in LPS+
     */
    Affine affine(double[] position, double[] step) {
        double[] o = orientation;
        return new Affine(
                -o[0] * betweenColumns,
                -o[3] * betweenRows,
                -step[0],
                -position[0],
                -o[1] * betweenColumns,
                -o[4] * betweenRows,
                -step[1],
                -position[1],
                o[2] * betweenColumns,
                o[5] * betweenRows,
                step[2],
                position[2]);
    }

    /**
     * Where the pixels of a frame lie on a grid.
     *
     * @param first indices of the voxel of the first pixel; may be outside the grid
     * @param nextColumn the step of one column, in voxels
     * @param nextRow the step of one row, in voxels
     */
    record Placement(int[] first, int[] nextColumn, int[] nextRow) {
        /** The index of a voxel along an axis of the grid. */
        int at(int axis, int column, int row) {
            return first[axis] + column * nextColumn[axis] + row * nextRow[axis];
        }
    }

    /**
     * Where the pixels of a frame lie on a grid whose voxels they are, in any order and direction of its axes.
     *
     * @param position of the first pixel of the frame in LPS+
     * @return empty if a corner lies off the centre of a voxel by more than {@link #TOLERANCE}
     */
    Optional<Placement> on(Grid grid, double[] position) {
        Affine toGrid = grid.affine().inverse().times(affine(position, normal()));
        double[] origin = toGrid.apply(0, 0, 0);
        double[] column = toGrid.apply(1, 0, 0);
        double[] row = toGrid.apply(0, 1, 0);
        int[][] whole = new int[3][3];
        for (int axis = 0; axis < 3; axis++) {
            whole[0][axis] = (int) Math.round(origin[axis]);
            whole[1][axis] = (int) Math.round(column[axis] - origin[axis]);
            whole[2][axis] = (int) Math.round(row[axis] - origin[axis]);
        }
        Placement placement = new Placement(whole[0], whole[1], whole[2]);
        for (int corner = 0; corner < 4; corner++) {
            int c = (corner & 1) * (columns - 1);
            int r = (corner >> 1) * (rows - 1);
            double[] at = toGrid.apply(c, r, 0);
            for (int axis = 0; axis < 3; axis++) {
                if (!(Math.abs(at[axis] - placement.at(axis, c, r)) <= TOLERANCE)) {
                    return Optional.empty();
                }
            }
        }
        return isUnit(whole[1]) && isUnit(whole[2]) ? Optional.of(placement) : Optional.empty();
    }

    private static boolean isUnit(int[] step) {
        return Math.abs(step[0]) + Math.abs(step[1]) + Math.abs(step[2]) == 1;
    }
}
