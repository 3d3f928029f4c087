package dev.preceptor.report;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.BitSet;
import java.util.Collection;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * The slices that are shown: the extent of the head in the world and, for each direction, the slice with most of the tumour.
 *
 * @param low lower corner of the head in the world, mm
 * @param high upper corner, mm
 * @param slice world coordinate of the slice, for each of the three normals, mm
 */
record SliceSelection(double[] low, double[] high, double[] slice) {
    private static final double BORDER_MM = 6;

    /** Slices through the tumour of the reference; if it has none, of the first candidate that has one; else through the middle. */
    static SliceSelection of(Volume image, LabelMap reference, Collection<LabelMap> candidates) {
        BitSet head = new BitSet();
        for (int i = 0; i < image.voxels().length; i++) {
            head.set(i, image.voxels()[i] != 0);
        }
        Box box = Box.around(head, image.size()).orElseGet(() -> Box.of(image.size()));
        return of(image.grid(), box, axis -> {
            double slice = largest(reference, axis);
            for (LabelMap candidate : candidates) {
                slice = Double.isNaN(slice) ? largest(candidate, axis) : slice;
            }
            return slice;
        });
    }

    /** Slices through the regions of a label map; through the middle of the head if there is none, or it is empty. */
    static SliceSelection of(Grid grid, Box head, Optional<LabelMap> labels) {
        return of(grid, head, axis -> labels.map(map -> largest(map, axis)).orElse(Double.NaN));
    }

    private static SliceSelection of(Grid grid, Box head, IntToDoubleFunction slices) {
        double[] low = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
        double[] high = {-Double.MAX_VALUE, -Double.MAX_VALUE, -Double.MAX_VALUE};
        for (int corner = 0; corner < 8; corner++) {
            double[] at = grid.affine()
                    .apply(
                            ((corner & 1) == 0 ? head.x0() : head.x1()) - 0.5,
                            ((corner >> 1 & 1) == 0 ? head.y0() : head.y1()) - 0.5,
                            (corner >> 2 == 0 ? head.z0() : head.z1()) - 0.5);
            for (int axis = 0; axis < 3; axis++) {
                low[axis] = Math.min(low[axis], at[axis]);
                high[axis] = Math.max(high[axis], at[axis]);
            }
        }
        double[] slice = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            double largest = slices.applyAsDouble(axis);
            slice[axis] = Double.isNaN(largest) ? (low[axis] + high[axis]) / 2 : largest;
        }
        return new SliceSelection(low, high, slice);
    }

    /** The plane of a view that shows the whole head, centred in a picture of this width. */
    SlicePlane plane(View view, int width) {
        double widest = Math.max(high[0] - low[0], high[1] - low[1]) + 2 * BORDER_MM;
        double scale = width / (view == View.SAGITTAL ? widest : high[0] - low[0] + 2 * BORDER_MM);
        int across = view.across();
        int along = view.along();
        double left = (low[across] + high[across]) / 2 + width / scale / 2;
        int height = (int) Math.round((high[along] - low[along] + 2 * BORDER_MM) * scale);
        return new SlicePlane(view, slice[view.normal()], left, high[along] + BORDER_MM, width, height, scale);
    }

    /** The world coordinate where the regions together cover most of a slice; NaN if they are empty. */
    private static double largest(LabelMap labels, int worldAxis) {
        Grid grid = labels.grid();
        Size size = grid.size();
        int axis = voxelAxis(grid.affine(), worldAxis);
        int[] area = new int[size.along(axis)];
        for (Region region : labels.schema().regions()) {
            BitSet mask = labels.mask(region);
            for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
                int[] at = {i % size.x(), i / size.x() % size.y(), i / (size.x() * size.y())};
                area[at[axis]]++;
            }
        }
        int best = 0;
        for (int i = 1; i < area.length; i++) {
            best = area[i] > area[best] ? i : best;
        }
        double[] voxel = {(size.x() - 1) / 2.0, (size.y() - 1) / 2.0, (size.z() - 1) / 2.0};
        voxel[axis] = best;
        return area[best] == 0 ? Double.NaN : grid.affine().apply(voxel[0], voxel[1], voxel[2])[worldAxis];
    }

    /** The axis of the grid that runs most along an axis of the world. */
    private static int voxelAxis(Affine affine, int worldAxis) {
        double[] row = affine.toMatrix()[worldAxis];
        double[] spacing = affine.spacing();
        int best = 0;
        for (int axis = 1; axis < 3; axis++) {
            best = Math.abs(row[axis] / spacing[axis]) > Math.abs(row[best] / spacing[best]) ? axis : best;
        }
        return best;
    }
}
