package dev.preceptor.data;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;

/**
 * The voxels of a grid in another order: axes exchanged and turned round so that indices grow in given directions, as
 * nearly as the grid's axes run that way. Nothing is interpolated.
 *
 * @param grid where the voxels lie in the new order
 * @param base place in the old array of the new voxel (0, 0, 0)
 * @param steps how far the place in the old array moves along each new axis
 */
record VoxelOrder(Grid grid, int base, int[] steps) {
    private static final int[][] ORDERS = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    private static final String POSITIVE = "RAS";
    private static final String NEGATIVE = "LPI";

    /**
     * @param from the old order
     * @param directions three letters such as {@code LPS}, one for each new axis
     * @throws IllegalArgumentException if they do not name three different axes
     */
    static VoxelOrder of(Grid from, String directions) {
        int[] world = new int[3];
        boolean[] positive = new boolean[3];
        for (int axis = 0; axis < 3; axis++) {
            char letter = directions.charAt(axis);
            positive[axis] = POSITIVE.indexOf(letter) >= 0;
            world[axis] = positive[axis] ? POSITIVE.indexOf(letter) : NEGATIVE.indexOf(letter);
        }
        if ((1 << world[0] | 1 << world[1] | 1 << world[2]) != 7) {
            throw new IllegalArgumentException(directions + " does not name three different axes");
        }
        double[][] cosines = cosines(from.affine());
        int[] source = bestOrder(cosines, world);
        Size size = from.size();
        int[] strides = {1, size.x(), size.x() * size.y()};
        int[] steps = new int[3];
        int base = 0;
        double[][] toOld = new double[3][4];
        for (int axis = 0; axis < 3; axis++) {
            int old = source[axis];
            boolean flipped = cosines[world[axis]][old] > 0 != positive[axis];
            steps[axis] = flipped ? -strides[old] : strides[old];
            toOld[old][axis] = flipped ? -1 : 1;
            if (flipped) {
                base += (size.along(old) - 1) * strides[old];
                toOld[old][3] = size.along(old) - 1;
            }
        }
        Size to = new Size(size.along(source[0]), size.along(source[1]), size.along(source[2]));
        return new VoxelOrder(new Grid(to, from.affine().times(Affine.of(toOld))), base, steps);
    }

    private static double[][] cosines(Affine affine) {
        double[][] matrix = affine.toMatrix();
        double[] spacing = affine.spacing();
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                matrix[row][column] /= spacing[column];
            }
        }
        return matrix;
    }

    private static int[] bestOrder(double[][] cosines, int[] world) {
        int[] best = ORDERS[0];
        double closest = -1;
        for (int[] order : ORDERS) {
            double fit = 0;
            for (int axis = 0; axis < 3; axis++) {
                fit += Math.abs(cosines[world[axis]][order[axis]]);
            }
            if (fit > closest) {
                closest = fit;
                best = order;
            }
        }
        return best;
    }

    /** The values in the new order. */
    float[] apply(float[] voxels) {
        Size size = grid.size();
        float[] result = new float[voxels.length];
        int next = 0;
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                int from = place(0, y, z);
                for (int x = 0; x < size.x(); x++) {
                    result[next++] = voxels[from];
                    from += steps[0];
                }
            }
        }
        return result;
    }

    /** Where the new voxel (x, y, z) stands in the old array. */
    int place(int x, int y, int z) {
        return base + x * steps[0] + y * steps[1] + z * steps[2];
    }
}
