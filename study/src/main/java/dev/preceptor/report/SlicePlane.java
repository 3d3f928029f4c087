package dev.preceptor.report;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.util.function.IntToDoubleFunction;

/**
 * A rectangle of square pixels in the world; pixel (0, 0) is its upper left corner as seen in the view.
 *
 * @param view the orientation
 * @param slice world coordinate along the view's normal, mm
 * @param left world coordinate of the left edge along the view's {@link View#across()} axis, mm
 * @param top world coordinate of the upper edge along its {@link View#along()} axis, mm
 * @param width in pixels
 * @param height in pixels
 * @param pixelsPerMm the scale, the same in both directions
 */
record SlicePlane(View view, double slice, double left, double top, int width, int height, double pixelsPerMm) {
    private static final double NEGLIGIBLE = 1e-7;

    /**
     * Samples a scalar field on a grid at the centres of the pixels, linearly between voxel centres; 0 outside.
     *
     * @param value the field by place in the array
     * @return {@code width * height} values, row by row
     */
    float[] sample(Grid grid, IntToDoubleFunction value) {
        Affine toVoxel = grid.affine().inverse();
        Size size = grid.size();
        float[] samples = new float[width * height];
        double[] origin = voxel(toVoxel, 0, 0);
        double[] right = minus(voxel(toVoxel, 1, 0), origin);
        double[] down = minus(voxel(toVoxel, 0, 1), origin);
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                samples[row * width + column] = (float) linear(
                        size,
                        value,
                        origin[0] + column * right[0] + row * down[0],
                        origin[1] + column * right[1] + row * down[1],
                        origin[2] + column * right[2] + row * down[2]);
            }
        }
        return samples;
    }

    private double[] voxel(Affine toVoxel, int column, int row) {
        double[] world = new double[3];
        world[view.normal()] = slice;
        world[view.across()] = left - (column + 0.5) / pixelsPerMm;
        world[view.along()] = top - (row + 0.5) / pixelsPerMm;
        return toVoxel.apply(world[0], world[1], world[2]);
    }

    private static double[] minus(double[] a, double[] b) {
        return new double[] {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
    }

    private static double linear(Size size, IntToDoubleFunction value, double x, double y, double z) {
        int x0 = (int) Math.floor(x);
        int y0 = (int) Math.floor(y);
        int z0 = (int) Math.floor(z);
        if (x0 < -1 || y0 < -1 || z0 < -1 || x0 >= size.x() || y0 >= size.y() || z0 >= size.z()) {
            return 0;
        }
        double sum = 0;
        for (int k = z0; k <= z0 + 1; k++) {
            double wz = 1 - Math.abs(z - k);
            if (wz < NEGLIGIBLE || k < 0 || k >= size.z()) {
                continue;
            }
            for (int j = y0; j <= y0 + 1; j++) {
                double wy = wz * (1 - Math.abs(y - j));
                if (wy < NEGLIGIBLE || j < 0 || j >= size.y()) {
                    continue;
                }
                for (int i = x0; i <= x0 + 1; i++) {
                    double w = wy * (1 - Math.abs(x - i));
                    if (w >= NEGLIGIBLE && i >= 0 && i < size.x()) {
                        sum += w * value.applyAsDouble(size.index(i, j, k));
                    }
                }
            }
        }
        return sum;
    }
}
