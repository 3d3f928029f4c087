package dev.preceptor.augment;

import dev.preceptor.volume.Size;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Linear interpolation of images under a {@link Warp} without rotation and displacement: it is done along z, y and x in turn, and
 * each row and plane of the image is read once. Outside the image everything is 0. Not thread-safe.
 */
final class AxisAlignedWarp {
    private final Size from;
    private final Size to;
    private final Axis x;
    private final Axis y;
    private final Axis z;
    private final float[] line;
    /** The two planes of the image, interpolated along y and z, that were used last, and the two rows, interpolated along z. */
    private final Pair planes;

    private final Pair rows;
    private final float[] mixedRow;
    private final float[] mixedPlane;

    /** @param from size of the images in voxels */
    AxisAlignedWarp(Warp warp, Size from) {
        this.from = from;
        this.to = warp.size();
        this.x = Axis.of(warp, 0);
        this.y = Axis.of(warp, 1);
        this.z = Axis.of(warp, 2);
        this.line = new float[z.extent()];
        this.planes = new Pair(to.y() * to.z());
        this.rows = new Pair(to.z());
        this.mixedRow = new float[to.z()];
        this.mixedPlane = new float[to.y() * to.z()];
    }

    /** Whether a transform has neither rotation nor displacement. */
    static boolean fits(Warp warp) {
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                if (row != column && warp.matrix()[row][column] != 0) {
                    return false;
                }
            }
        }
        return warp.elastic().isEmpty();
    }

    /** Interpolates one image. */
    void resample(FloatBuffer image, Channel out) {
        planes.clear();
        for (int i = 0; i < to.x(); i++) {
            float[] below = plane(image, x.lower[i]);
            float[] above = plane(image, x.lower[i] + 1);
            Lines.mix(below, above, x.rest[i], mixedPlane, mixedPlane.length);
            System.arraycopy(mixedPlane, 0, out.values(), out.row(i, 0), mixedPlane.length);
        }
    }

    private float[] plane(FloatBuffer image, int at) {
        float[] plane = planes.array(at);
        if (planes.isNew()) {
            if (at < 0 || at >= from.x()) {
                Arrays.fill(plane, 0);
                return plane;
            }
            rows.clear();
            for (int j = 0; j < to.y(); j++) {
                float[] below = row(image, at, y.lower[j]);
                float[] above = row(image, at, y.lower[j] + 1);
                Lines.mix(below, above, y.rest[j], mixedRow, mixedRow.length);
                System.arraycopy(mixedRow, 0, plane, j * mixedRow.length, mixedRow.length);
            }
        }
        return plane;
    }

    private float[] row(FloatBuffer image, int planeAt, int at) {
        float[] row = rows.array(at);
        if (rows.isNew()) {
            int begin = Math.max(z.first, 0);
            int end = Math.min(z.first + line.length, from.z());
            if (at < 0 || at >= from.y() || begin >= end) {
                Arrays.fill(row, 0);
                return row;
            }
            // Beyond the image the line keeps its zeros.
            image.get((planeAt * from.y() + at) * from.z() + begin, line, begin - z.first, end - begin);
            interpolate(line, z.offsets, z.rest, row);
        }
        return row;
    }

    private static void interpolate(float[] line, int[] offsets, float[] rest, float[] out) {
        for (int i = 0; i < out.length; i++) {
            int at = offsets[i];
            float below = line[at];
            out[i] = below + rest[i] * (line[at + 1] - below);
        }
    }

    /**
     * The positions along one axis.
     *
     * @param lower for each voxel of the patch the last voxel of the image at or before its position
     * @param rest weight of the next one
     * @param first the smallest of the lower voxels
     * @param offsets the lower voxels from the first one on
     */
    private record Axis(int[] lower, float[] rest, int first, int[] offsets) {
        static Axis of(Warp warp, int axis) {
            int[] lower = new int[warp.size().along(axis)];
            float[] rest = new float[lower.length];
            for (int i = 0; i < lower.length; i++) {
                double position = warp.centre()[axis] + warp.matrix()[axis][axis] * (i - (lower.length - 1) / 2.0);
                lower[i] = (int) Math.floor(position);
                rest[i] = (float) (position - lower[i]);
            }
            int first = Math.min(lower[0], lower[lower.length - 1]);
            return new Axis(
                    lower,
                    rest,
                    first,
                    Arrays.stream(lower).map(voxel -> voxel - first).toArray());
        }

        /** The number of voxels of the image from the first to the last one that is read. */
        int extent() {
            return Math.max(lower[0], lower[lower.length - 1]) + 2 - first;
        }
    }

    /** Two arrays, each for a number. A new number takes the array of the farther one, of equals that which was not used last. */
    private static final class Pair {
        private static final int NONE = Integer.MIN_VALUE;

        private final float[][] arrays;
        private final int[] numbers = {NONE, NONE};
        private int last;
        private boolean isNew;

        Pair(int length) {
            this.arrays = new float[2][length];
        }

        void clear() {
            Arrays.fill(numbers, NONE);
        }

        /** The array for a number; it is new if the number is not that of one of the two. */
        float[] array(int number) {
            isNew = numbers[0] != number && numbers[1] != number;
            if (isNew) {
                // Neighbours come in ascending or, mirrored, in descending order.
                boolean isLastFarther = distance(last, number) > distance(1 - last, number);
                last = isLastFarther ? last : 1 - last;
                numbers[last] = number;
            } else {
                last = numbers[0] == number ? 0 : 1;
            }
            return arrays[last];
        }

        private long distance(int place, int number) {
            return Math.abs((long) numbers[place] - number);
        }

        boolean isNew() {
            return isNew;
        }
    }
}
