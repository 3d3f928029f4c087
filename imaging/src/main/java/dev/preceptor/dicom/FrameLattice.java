package dev.preceptor.dicom;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.util.List;

/**
 * Finds the smallest grid that contains all frames of a multi-frame image. Slices between them that no frame shows belong to it.
 */
final class FrameLattice {
    /** Positions closer than this along the normal are those of one slice, in mm. */
    private static final double SAME = 1e-3;

    /** A grid has at most so many slices, unless there are more frames. */
    static final int MAX_SLICES = 1024;

    static final long MAX_VOXELS = 1L << 28;

    /** Along rows and columns a grid is at most so many times as large as a frame. */
    private static final int MAX_SHIFTED = 2;

    private FrameLattice() {}

    /**
     * The grid of frames. Its first axis runs along the rows of the frames, its second along the columns, its third along their
     * normal.
     *
     * @param positions of the first pixel of each frame in LPS+, in any order, at least one
     * @param statedGap the distance of neighbouring slices in mm as the file states it, 0 if it does not
     * @param thickness of a slice in mm, 0 if the file does not state it
     * @throws IllegalArgumentException with the reason, if the frames do not lie on one grid or it would be too large
     */
    static Grid around(FramePlane plane, List<double[]> positions, double statedGap, double thickness) {
        double[] along = positions.stream().mapToDouble(plane::along).sorted().toArray();
        double first = along[0];
        double extent = along[along.length - 1] - first;
        double gap = gap(along, statedGap, thickness);
        long last = 0;
        for (int i = 1; i < along.length; i++) {
            last += Math.round((along[i] - along[i - 1]) / gap);
        }
        if (!(last < Math.max(MAX_SLICES, positions.size()))) {
            throw new IllegalArgumentException("has frames up to " + Math.round(extent)
                    + " mm apart with a slice every " + (float) gap + " mm, more than " + MAX_SLICES + " slices");
        }
        double[] origin = nearest(plane, positions, first);
        double[] step = step(plane, positions, origin, first + extent, last, last == 0 ? gap : extent / last);
        Affine affine = plane.affine(origin, step);
        Affine toLattice = affine.inverse();
        int[] low = {0, 0, 0};
        int[] high = {plane.columns(), plane.rows(), 1};
        for (double[] position : positions) {
            double[] at = toLattice.apply(-position[0], -position[1], position[2]);
            int[] extents = {plane.columns(), plane.rows(), 1};
            for (int axis = 0; axis < 3; axis++) {
                if (!(Math.abs(at[axis] - Math.rint(at[axis])) <= FramePlane.TOLERANCE)) {
                    throw new IllegalArgumentException("has frames that do not lie on one grid: "
                            + (axis == 2
                                    ? "their distances are no multiples of " + (float) gap + " mm"
                                    : "they are shifted against each other by parts of a pixel"));
                }
                low[axis] = (int) Math.min(low[axis], Math.rint(at[axis]));
                high[axis] = (int) Math.max(high[axis], Math.rint(at[axis]) + extents[axis]);
            }
        }
        if ((long) high[0] - low[0] > (long) MAX_SHIFTED * plane.columns()
                || (long) high[1] - low[1] > (long) MAX_SHIFTED * plane.rows()) {
            throw new IllegalArgumentException("has frames that are tiles of a larger image, which is not read");
        }
        if ((long) (high[0] - low[0]) * (high[1] - low[1]) * (high[2] - low[2]) > MAX_VOXELS) {
            throw new IllegalArgumentException("has frames that span more than " + MAX_VOXELS + " voxels");
        }
        return new Grid(
                new Size(high[0] - low[0], high[1] - low[1], high[2] - low[2]),
                affine.times(Affine.translation(low[0], low[1], low[2])));
    }

    private static double gap(double[] along, double stated, double thickness) {
        double smallest = Double.POSITIVE_INFINITY;
        for (int i = 1; i < along.length; i++) {
            double distance = along[i] - along[i - 1];
            if (distance > SAME) {
                smallest = Math.min(smallest, distance);
            }
        }
        if (Double.isInfinite(smallest)) {
            double only = stated > 0 ? stated : thickness;
            if (!(only > SAME)) {
                throw new IllegalArgumentException(
                        "it has one slice and states neither a distance between slices (0018,0088) nor a thickness");
            }
            return only;
        }
        // Where frames of empty slices are left out, only the stated distance says how many lie between two.
        return stated > SAME && isMultiple(along, stated) ? stated : smallest;
    }

    private static boolean isMultiple(double[] along, double gap) {
        for (int i = 1; i < along.length; i++) {
            double steps = (along[i] - along[i - 1]) / gap;
            if (!(Math.abs(steps - Math.rint(steps)) <= FramePlane.TOLERANCE)
                    || Math.rint(steps) == 0 && along[i] - along[i - 1] > SAME) {
                return false;
            }
        }
        return true;
    }

    private static double[] nearest(FramePlane plane, List<double[]> positions, double along) {
        return positions.stream()
                .min((a, b) -> Double.compare(Math.abs(plane.along(a) - along), Math.abs(plane.along(b) - along)))
                .orElseThrow();
    }

    /** From one slice to the next: the mean over all slices if the last lies right behind the first, else along the normal. */
    private static double[] step(
            FramePlane plane, List<double[]> positions, double[] origin, double end, long last, double gap) {
        double[] normal = plane.normal();
        double[] step = {normal[0] * gap, normal[1] * gap, normal[2] * gap};
        if (last == 0) {
            return step;
        }
        double[] far = nearest(plane, positions, end);
        double[] mean = new double[3];
        double sideways = 0;
        for (int axis = 0; axis < 3; axis++) {
            mean[axis] = (far[axis] - origin[axis]) / last;
            sideways += Math.pow(mean[axis] - normal[axis] * (plane.along(far) - plane.along(origin)) / last, 2);
        }
        return Math.sqrt(sideways) < 0.01 * gap ? mean : step;
    }
}
