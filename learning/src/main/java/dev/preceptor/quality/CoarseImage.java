package dev.preceptor.quality;

import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;

/**
 * An image reduced to a few thousand numbers: 16 x 16 x 16 cells along the axes of RAS, aligned by the mean and the standard
 * deviation of the positions of the voxels that are not 0, from 2.4 standard deviations below the mean to 2.4 above (the surface of
 * a uniform ellipsoid is at 2.24). A cell holds the mean z-score of its voxels that are not 0, or 0 where these are at most half of
 * them. Z-scores are over the voxels that are not 0, and are cut off at -3 and 5.
 *
 * @param cells [16 * 16 * 16], x-fastest, right, anterior and superior
 * @param quantiles of the z-scores, at {@link #LEVELS}
 * @param logExtents natural logarithm of the standard deviation of the positions in mm, along right, anterior, superior
 * @param ml volume of the voxels that are not 0, in ml
 * @param edges the smallest and the largest voxel edge in mm
 * @param saturated share of the voxels other than 0 that have the largest value, 0 to 1
 * @param cutOff the largest area of the voxels other than 0 on a face of the image, divided by the largest area of a plane that is
 *     parallel to it, 0 to 1
 * @param sharpness along right, anterior and superior ({@link Sharpness})
 * @param frame where the brain lies
 */
record CoarseImage(
        float[] cells,
        double[] quantiles,
        double[] logExtents,
        double ml,
        double[] edges,
        double saturated,
        double cutOff,
        double[] sharpness,
        Frame frame) {
    /** Cells along each axis. */
    static final int CELLS = 16;

    /** The number of cells. */
    static final int COUNT = CELLS * CELLS * CELLS;

    /** Where the quantiles of the z-scores are taken. */
    static final double[] LEVELS = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};

    private static final double REACH = 2.4;
    private static final double LEAST_Z = -3;
    private static final double MOST_Z = 5;
    private static final int BINS = 8000;

    /**
     * The position and the intensities of a brain in its image.
     *
     * @param centre mean index of the voxels that are not 0, along each voxel axis
     * @param spread standard deviation of the index, in voxels
     * @param orientation of the voxel axes
     * @param mean of the intensities that are not 0
     * @param deviation standard deviation of the intensities that are not 0
     */
    record Frame(double[] centre, double[] spread, Orientation orientation, double mean, double deviation) {
        /** The z-score of an intensity. */
        double z(float value) {
            return deviation == 0 ? 0 : Math.min(MOST_Z, Math.max(LEAST_Z, (value - mean) / deviation));
        }

        /** An intensity, cut off where z-scores are. */
        double clipped(float value) {
            return Math.min(mean + MOST_Z * deviation, Math.max(mean + LEAST_Z * deviation, value));
        }

        /** The cell along a world axis of each index along a voxel axis; -1 outside the cells. */
        private int[] cells(int voxelAxis, int extent) {
            int[] cells = new int[extent];
            for (int i = 0; i < extent; i++) {
                double offset = spread[voxelAxis] == 0 ? 0 : (i - centre[voxelAxis]) / (REACH * spread[voxelAxis]);
                int cell = (int) Math.floor(((orientation.isNegative(voxelAxis) ? -offset : offset) + 1) / 2 * CELLS);
                cells[i] = cell < 0 || cell >= CELLS ? -1 : cell;
            }
            return cells;
        }
    }

    /** Reduces an image of finite voxels; five passes over them. */
    static CoarseImage of(Volume volume) {
        Planes planes = new Planes(volume);
        Orientation orientation = Orientation.of(volume.grid().affine());
        double[] spacing = volume.grid().spacing();
        double[] logExtents = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            logExtents[orientation.worldAxis(axis)] = Math.log(Math.max(0.1, planes.spread[axis] * spacing[axis]));
        }
        Frame frame = new Frame(planes.centre, planes.spread, orientation, planes.mean, planes.deviation);
        long[] histogram = new long[BINS + 1];
        float[] cells = new float[COUNT];
        long atMaximum = fill(volume, frame, planes.maximum, cells, histogram);
        double least = Math.min(spacing[0], Math.min(spacing[1], spacing[2]));
        double most = Math.max(spacing[0], Math.max(spacing[1], spacing[2]));
        return new CoarseImage(
                cells,
                quantiles(histogram, planes.count),
                logExtents,
                planes.count * volume.grid().voxelVolume() / 1000,
                new double[] {least, most},
                planes.count == 0 ? 0 : (double) atMaximum / planes.count,
                planes.cutOff,
                Sharpness.of(volume, frame),
                frame);
    }

    /** Fills cells and histogram; returns how many voxels have the largest value. */
    private static long fill(Volume volume, Frame frame, float maximum, float[] cells, long[] histogram) {
        Size size = volume.size();
        int[][] along = {frame.cells(0, size.x()), frame.cells(1, size.y()), frame.cells(2, size.z())};
        int[] step = new int[3];
        int[] strides = {1, CELLS, CELLS * CELLS};
        for (int axis = 0; axis < 3; axis++) {
            step[axis] = strides[frame.orientation.worldAxis(axis)];
        }
        double[] sums = new double[COUNT];
        int[] brain = new int[COUNT];
        int[] all = new int[COUNT];
        float[] voxels = volume.voxels();
        long atMaximum = 0;
        int index = 0;
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                boolean isRowInside = along[2][z] >= 0 && along[1][y] >= 0;
                int row = along[2][z] * step[2] + along[1][y] * step[1];
                for (int x = 0; x < size.x(); x++) {
                    float value = voxels[index++];
                    int cell = isRowInside && along[0][x] >= 0 ? row + along[0][x] * step[0] : -1;
                    if (cell >= 0) {
                        all[cell]++;
                    }
                    if (value != 0) {
                        double score = frame.z(value);
                        histogram[(int) Math.round((score - LEAST_Z) / (MOST_Z - LEAST_Z) * BINS)]++;
                        atMaximum += value == maximum ? 1 : 0;
                        if (cell >= 0) {
                            brain[cell]++;
                            sums[cell] += score;
                        }
                    }
                }
            }
        }
        for (int i = 0; i < COUNT; i++) {
            cells[i] = 2 * brain[i] > all[i] ? (float) (sums[i] / brain[i]) : 0;
        }
        return atMaximum;
    }

    private static double[] quantiles(long[] histogram, long count) {
        double[] quantiles = new double[LEVELS.length];
        long below = 0;
        int level = 0;
        for (int bin = 0; bin <= BINS && level < LEVELS.length && count > 0; bin++) {
            below += histogram[bin];
            while (level < LEVELS.length && below >= LEVELS[level] * count) {
                quantiles[level++] = LEAST_Z + (MOST_Z - LEAST_Z) * bin / BINS;
            }
        }
        return quantiles;
    }

    /** What one pass over the voxels gives. */
    private static final class Planes {
        private final double[] centre = new double[3];
        private final double[] spread = new double[3];
        private double mean;
        private double deviation;
        private double cutOff;
        private long count;
        private float maximum = Float.NEGATIVE_INFINITY;

        Planes(Volume volume) {
            Size size = volume.size();
            long[][] planes = {new long[size.x()], new long[size.y()], new long[size.z()]};
            float[] voxels = volume.voxels();
            double sum = 0;
            double squares = 0;
            int index = 0;
            for (int z = 0; z < size.z(); z++) {
                for (int y = 0; y < size.y(); y++) {
                    long inRow = 0;
                    for (int x = 0; x < size.x(); x++) {
                        float value = voxels[index++];
                        if (value != 0) {
                            inRow++;
                            planes[0][x]++;
                            sum += value;
                            squares += (double) value * value;
                            maximum = Math.max(maximum, value);
                        }
                    }
                    count += inRow;
                    planes[1][y] += inRow;
                    planes[2][z] += inRow;
                }
            }
            if (count > 0) {
                mean = sum / count;
                deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
                for (int axis = 0; axis < 3; axis++) {
                    describe(planes[axis], axis);
                }
            }
        }

        private void describe(long[] plane, int axis) {
            double first = 0;
            double second = 0;
            long largest = 0;
            for (int i = 0; i < plane.length; i++) {
                first += (double) plane[i] * i;
                second += (double) plane[i] * i * i;
                largest = Math.max(largest, plane[i]);
            }
            centre[axis] = first / count;
            spread[axis] = Math.sqrt(Math.max(0, second / count - centre[axis] * centre[axis]));
            cutOff = Math.max(cutOff, (double) Math.max(plane[0], plane[plane.length - 1]) / largest);
        }
    }
}
