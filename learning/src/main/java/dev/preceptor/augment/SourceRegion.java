package dev.preceptor.augment;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The region of an image from which a block of a transformed patch is resampled. The region may exceed the image; it is padded, so
 * that interpolation needs no bounds. Not thread-safe: it holds the positions of one row of the patch at a time.
 */
final class SourceRegion {
    private static final int OUTSIDE = -1;

    /** A position in the region that rounding moves to another voxel is this near to it, in voxels. */
    private static final double ROUNDING = 0.01;

    private final Warp warp;
    private final Box block;
    private final Size from;
    private final Warp.Beyond beyond;
    /** First voxel and extent of the region along each axis. */
    private final int[] first = new int[3];

    private final int[] extent = new int[3];
    private final int strideX;
    private final int strideY;
    /** For each row along z of the region, the first needed voxel of the image and one past the last. */
    private final int[] begins;

    private final int[] ends;
    private final float[][] displacements;
    private final SourceRow row;
    /** The box of the region around the labels that are not 0. */
    private final int[] labelBegin = new int[3];

    private final int[] labelEnd = new int[3];

    /**
     * @param block the voxels of the patch
     * @param from size of the image in voxels
     */
    SourceRegion(Warp warp, Box block, Size from, Warp.Beyond beyond) {
        this.warp = warp;
        this.block = block;
        this.from = from;
        this.beyond = beyond;
        double[] half = {
            (block.size().x() - 1) / 2.0,
            (block.size().y() - 1) / 2.0,
            (block.size().z() - 1) / 2.0
        };
        if (warp.elastic().isPresent()) {
            for (int axis = 0; axis < 3; axis++) {
                half[axis] += warp.elastic().get().maximum(axis);
            }
        }
        double[] offset = {
            (block.x0() + block.x1() - warp.size().x()) / 2.0,
            (block.y0() + block.y1() - warp.size().y()) / 2.0,
            (block.z0() + block.z1() - warp.size().z()) / 2.0
        };
        double[] centre = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            double[] factors = warp.matrix()[axis];
            centre[axis] =
                    warp.centre()[axis] + factors[0] * offset[0] + factors[1] * offset[1] + factors[2] * offset[2];
            double radius =
                    Math.abs(factors[0]) * half[0] + Math.abs(factors[1]) * half[1] + Math.abs(factors[2]) * half[2];
            first[axis] = (int) Math.floor(centre[axis] - radius);
            // One voxel above the last position, and one for rounding errors.
            extent[axis] = (int) Math.floor(centre[axis] + radius) + 3 - first[axis];
        }
        this.strideY = extent[2];
        this.strideX = Math.multiplyExact(extent[1], extent[2]);
        this.displacements = new float[3][block.size().z()];
        this.row = new SourceRow(strideX, strideY, block.size().z());
        this.begins = new int[extent[0] * extent[1]];
        this.ends = new int[begins.length];
        findNeeded(centre, half);
    }

    /** Finds the needed part of each row: a rotated block needs few of the voxels of its bounding box. */
    private void findNeeded(double[] centre, double[] half) {
        double[][] inverse = Warp.inverse(warp.matrix());
        double[] reach = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            double[] back = inverse[axis];
            // Interpolation reads voxels less than one away from a position.
            reach[axis] = half[axis] + (1 + ROUNDING) * (Math.abs(back[0]) + Math.abs(back[1]) + Math.abs(back[2]));
        }
        for (int i = 0; i < begins.length; i++) {
            double x = first[0] + i / extent[1] - centre[0];
            double y = first[1] + i % extent[1] - centre[1];
            double low = first[2];
            double high = first[2] + extent[2] - 1;
            for (int axis = 0; axis < 3; axis++) {
                double[] back = inverse[axis];
                double offset = back[0] * x + back[1] * y;
                if (Math.abs(back[2]) > 1e-9) {
                    double span = Math.abs(reach[axis] / back[2]);
                    double middle = centre[2] - offset / back[2];
                    low = Math.max(low, middle - span);
                    high = Math.min(high, middle + span);
                } else if (Math.abs(offset) > reach[axis]) {
                    high = low - 1;
                }
            }
            begins[i] = (int) Math.ceil(low);
            ends[i] = (int) Math.floor(high) + 1;
        }
    }

    /** The number of voxels of the region. */
    int voxels() {
        return Math.multiplyExact(extent[0], strideX);
    }

    /**
     * Copies the needed voxels of some images into the region, those of one voxel next to each other, so that interpolation reads
     * them together; the others keep their values.
     */
    void fill(List<FloatBuffer> images, float[] region) {
        int count = images.size();
        float[] line = new float[extent[2]];
        forEachNeeded(new Row() {
            @Override
            public void copy(int source, int target, int length) {
                if (count == 1) {
                    images.get(0).get(source, region, target, length);
                    return;
                }
                for (int c = 0; c < count; c++) {
                    images.get(c).get(source, line, 0, length);
                    spread(line, region, target * count + c, count, length);
                }
            }

            @Override
            public void repeat(int source, int target, int length) {
                if (source == OUTSIDE) {
                    Arrays.fill(region, target * count, (target + length) * count, 0);
                    return;
                }
                for (int c = 0; c < count; c++) {
                    Arrays.fill(line, 0, length, images.get(c).get(source));
                    spread(line, region, target * count + c, count, length);
                }
            }
        });
    }

    private static void spread(float[] line, float[] region, int target, int step, int length) {
        for (int i = 0; i < length; i++) {
            region[target + i * step] = line[i];
        }
    }

    /**
     * Copies the needed labels into the region; the others keep their values.
     *
     * @return whether any label is not 0
     */
    boolean fill(ByteBuffer labels, byte[] region) {
        byte[] zeros = new byte[extent[2]];
        Arrays.fill(labelBegin, Integer.MAX_VALUE);
        Arrays.fill(labelEnd, 0);
        forEachNeeded(new Row() {
            @Override
            public void copy(int source, int target, int length) {
                labels.get(source, region, target, length);
                int begin = Arrays.mismatch(region, target, target + length, zeros, 0, length);
                if (begin >= 0) {
                    int end = length;
                    while (region[target + end - 1] == 0) {
                        end--;
                    }
                    includeLabels(target + begin, end - begin);
                }
            }

            @Override
            public void repeat(int source, int target, int length) {
                byte label = source == OUTSIDE ? 0 : labels.get(source);
                Arrays.fill(region, target, target + length, label);
                if (label != 0) {
                    includeLabels(target, length);
                }
            }
        });
        return labelEnd[0] > 0;
    }

    /** Extends the box around the labels that are not 0 by voxels of one row. */
    private void includeLabels(int at, int length) {
        int[] begin = {at / strideX, at % strideX / strideY, at % strideY};
        int[] end = {begin[0] + 1, begin[1] + 1, begin[2] + length};
        for (int axis = 0; axis < 3; axis++) {
            labelBegin[axis] = Math.min(labelBegin[axis], begin[axis]);
            labelEnd[axis] = Math.max(labelEnd[axis], end[axis]);
        }
    }

    /** Restricts the vote to the voxels of a row that have a label other than 0 around them. */
    private void findVoters(float[] begin, float[] step) {
        double low = 0;
        double high = block.size().z() - 1;
        for (int axis = 0; axis < 3; axis++) {
            double before = labelBegin[axis] - 1 - ROUNDING - begin[axis];
            double after = labelEnd[axis] + ROUNDING - begin[axis];
            if (Math.abs(step[axis]) > 1e-6) {
                low = Math.max(low, Math.min(before / step[axis], after / step[axis]));
                high = Math.min(high, Math.max(before / step[axis], after / step[axis]));
            } else if (before > ROUNDING || after < -ROUNDING) {
                high = -1;
            }
        }
        row.voters((int) Math.floor(low), high < low ? 0 : (int) Math.ceil(high) + 1);
    }

    private interface Row {
        void copy(int source, int target, int length);

        /** One voxel repeated, or zeros. */
        void repeat(int source, int target, int length);
    }

    private void forEachNeeded(Row rows) {
        for (int row = 0; row < begins.length; row++) {
            if (begins[row] < ends[row]) {
                row(
                        rows,
                        first[0] + row / extent[1],
                        first[1] + row % extent[1],
                        begins[row],
                        ends[row],
                        row * strideY - first[2]);
            }
        }
    }

    /** The voxels from {@code begin} to before {@code end} of the row at (x, y), padded outside the image. */
    private void row(Row rows, int x, int y, int begin, int end, int target) {
        int nearX = Math.min(Math.max(x, 0), from.x() - 1);
        int nearY = Math.min(Math.max(y, 0), from.y() - 1);
        boolean zeros = beyond == Warp.Beyond.ZERO;
        if (zeros && (nearX != x || nearY != y)) {
            rows.repeat(OUTSIDE, target + begin, end - begin);
            return;
        }
        int source = (nearX * from.y() + nearY) * from.z();
        int inside = Math.max(begin, 0);
        int after = Math.max(begin, from.z());
        if (begin < 0) {
            rows.repeat(zeros ? OUTSIDE : source, target + begin, Math.min(end, 0) - begin);
        }
        if (inside < Math.min(end, from.z())) {
            rows.copy(source + inside, target + inside, Math.min(end, from.z()) - inside);
        }
        if (after < end) {
            rows.repeat(zeros ? OUTSIDE : source + from.z() - 1, target + after, end - after);
        }
    }

    /** What is done at the positions of a row. */
    @FunctionalInterface
    interface RowOperation {
        void apply(SourceRow row, int x, int y);
    }

    /** Calls an operation with the positions of each row of the block; x and y are indices in the patch. */
    void forEachRow(RowOperation operation) {
        Optional<Elastic> elastic = warp.elastic().map(field -> field.through(warp.matrix()));
        float[] step = {(float) warp.matrix()[0][2], (float) warp.matrix()[1][2], (float) warp.matrix()[2][2]};
        for (int x = block.x0(); x < block.x1(); x++) {
            int plane = x;
            Optional<Elastic.Plane> displaced = elastic.map(field -> field.plane(plane));
            for (int y = block.y0(); y < block.y1(); y++) {
                float[] begin = {begin(0, x, y), begin(1, x, y), begin(2, x, y)};
                if (displaced.isPresent()) {
                    displaced.get().row(y, block.z0(), displacements);
                    row.displaced(begin, step, displacements);
                } else {
                    row.straight(begin, step);
                    findVoters(begin, step);
                }
                operation.apply(row, x, y);
            }
        }
    }

    /** The position along an axis, in the region, of the first voxel of the block's row at (x, y). */
    private float begin(int axis, int x, int y) {
        double[] factors = warp.matrix()[axis];
        Size size = warp.size();
        return (float) (warp.centre()[axis]
                + factors[0] * (x - (size.x() - 1) / 2.0)
                + factors[1] * (y - (size.y() - 1) / 2.0)
                + factors[2] * (block.z0() - (size.z() - 1) / 2.0)
                - first[axis]);
    }
}
