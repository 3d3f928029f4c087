package dev.preceptor.augment;

import dev.preceptor.data.Sample;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The region of an image from which some planes of a transformed patch are resampled, and the position in it of each voxel of
 * one plane. The region may exceed the image. Not thread-safe: it holds one plane at a time.
 */
final class SourceRegion {
    /** Number of labels, from 0 to {@link Sample#IGNORED}. */
    private static final int LABELS = Sample.IGNORED + 1;

    private static final int OUTSIDE = -1;

    private final Warp warp;
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

    /**
     * For each voxel of the plane [Y, Z], the index of the lowest of the eight voxels around its position, and the upper
     * weights.
     */
    private final int[] base;

    private final float[] restX;
    private final float[] restY;
    private final float[] restZ;
    private final float[][] displacements;
    private final float[] weights = new float[LABELS];

    /**
     * @param x0 first plane of the patch
     * @param x1 one past the last plane
     * @param from size of the image in voxels
     */
    SourceRegion(Warp warp, int x0, int x1, Size from, Warp.Beyond beyond) {
        this.warp = warp;
        this.from = from;
        this.beyond = beyond;
        double[] half = {
            (x1 - x0 - 1) / 2.0, (warp.size().y() - 1) / 2.0, (warp.size().z() - 1) / 2.0
        };
        for (int axis = 0; axis < 3; axis++) {
            if (warp.elastic().isPresent()) {
                half[axis] += warp.elastic().get().maximum(axis);
            }
        }
        double offset = (x0 + x1 - warp.size().x()) / 2.0;
        double[] centre = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            double[] row = warp.matrix()[axis];
            centre[axis] = warp.centre()[axis] + row[0] * offset;
            double radius = Math.abs(row[0]) * half[0] + Math.abs(row[1]) * half[1] + Math.abs(row[2]) * half[2];
            first[axis] = (int) Math.floor(centre[axis] - radius);
            // One voxel above the last position, and one for rounding errors.
            extent[axis] = (int) Math.floor(centre[axis] + radius) + 3 - first[axis];
        }
        this.strideY = extent[2];
        this.strideX = Math.multiplyExact(extent[1], extent[2]);
        int length = warp.size().y() * warp.size().z();
        this.base = new int[length];
        this.restX = new float[length];
        this.restY = new float[length];
        this.restZ = new float[length];
        this.displacements = new float[3][warp.size().z()];
        this.begins = new int[extent[0] * extent[1]];
        this.ends = new int[begins.length];
        findNeeded(centre, half);
    }

    /** Finds the needed part of each row: a rotated patch needs few of the voxels of its bounding box. */
    private void findNeeded(double[] centre, double[] half) {
        double[][] inverse = Warp.inverse(warp.matrix());
        for (int row = 0; row < begins.length; row++) {
            double x = first[0] + row / extent[1] - centre[0];
            double y = first[1] + row % extent[1] - centre[1];
            double low = first[2];
            double high = first[2] + extent[2] - 1;
            for (int axis = 0; axis < 3; axis++) {
                double[] back = inverse[axis];
                // Interpolation reads voxels less than two away from a position.
                double reach = half[axis] + 2 * (Math.abs(back[0]) + Math.abs(back[1]) + Math.abs(back[2]));
                double offset = back[0] * x + back[1] * y;
                if (Math.abs(back[2]) > 1e-9) {
                    double span = Math.abs(reach / back[2]);
                    double rowCentre = centre[2] - offset / back[2];
                    low = Math.max(low, rowCentre - span);
                    high = Math.min(high, rowCentre + span);
                } else if (Math.abs(offset) > reach) {
                    high = low - 1;
                }
            }
            begins[row] = (int) Math.ceil(low);
            ends[row] = (int) Math.floor(high) + 1;
        }
    }

    /** The number of voxels of the region. */
    int voxels() {
        return Math.multiplyExact(extent[0], strideX);
    }

    /** Copies the needed voxels of an image into the region; the others keep their values. */
    void fill(FloatBuffer image, float[] region) {
        forEachRow(new Row() {
            @Override
            public void copy(int source, int target, int length) {
                image.get(source, region, target, length);
            }

            @Override
            public void repeat(int source, int target, int length) {
                Arrays.fill(region, target, target + length, source == OUTSIDE ? 0 : image.get(source));
            }
        });
    }

    /**
     * Copies the needed labels into the region; the others keep their values.
     *
     * @return whether any label is not 0
     */
    boolean fill(ByteBuffer labels, byte[] region) {
        boolean[] any = new boolean[1];
        forEachRow(new Row() {
            @Override
            public void copy(int source, int target, int length) {
                labels.get(source, region, target, length);
                any[0] = any[0] || isAny(region, target, length);
            }

            @Override
            public void repeat(int source, int target, int length) {
                byte label = source == OUTSIDE ? 0 : labels.get(source);
                Arrays.fill(region, target, target + length, label);
                any[0] |= label != 0;
            }
        });
        return any[0];
    }

    private static boolean isAny(byte[] labels, int start, int length) {
        for (int i = start; i < start + length; i++) {
            if (labels[i] != 0) {
                return true;
            }
        }
        return false;
    }

    private interface Row {
        void copy(int source, int target, int length);

        /** One voxel repeated, or zeros. */
        void repeat(int source, int target, int length);
    }

    private void forEachRow(Row rows) {
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

    /** Computes the positions of the plane of the patch at x. */
    void plane(int x) {
        int length = warp.size().z();
        for (int y = 0; y < warp.size().y(); y++) {
            int row = y * length;
            if (warp.elastic().isPresent()) {
                warp.elastic().get().row(x, y, displacements);
                displaced(0, begin(0, x, y), restX, row);
                displaced(1, begin(1, x, y), restY, row);
                displaced(2, begin(2, x, y), restZ, row);
                split(row, length);
            } else {
                straight(begin(0, x, y), begin(1, x, y), begin(2, x, y), row, length);
            }
        }
    }

    /** The position along an axis, in the region, of the first voxel of the row at (x, y). */
    private float begin(int axis, int x, int y) {
        double[] factors = warp.matrix()[axis];
        Size size = warp.size();
        return (float) (warp.centre()[axis]
                + factors[0] * (x - (size.x() - 1) / 2.0)
                + factors[1] * (y - (size.y() - 1) / 2.0)
                - factors[2] * (size.z() - 1) / 2.0
                - first[axis]);
    }

    private float step(int axis) {
        return (float) warp.matrix()[axis][2];
    }

    private void straight(float beginX, float beginY, float beginZ, int row, int length) {
        float stepX = step(0);
        float stepY = step(1);
        float stepZ = step(2);
        for (int z = 0; z < length; z++) {
            float positionX = beginX + z * stepX;
            float positionY = beginY + z * stepY;
            float positionZ = beginZ + z * stepZ;
            int lowerX = (int) positionX;
            int lowerY = (int) positionY;
            int lowerZ = (int) positionZ;
            restX[row + z] = positionX - lowerX;
            restY[row + z] = positionY - lowerY;
            restZ[row + z] = positionZ - lowerZ;
            base[row + z] = lowerX * strideX + lowerY * strideY + lowerZ;
        }
    }

    private void displaced(int axis, float begin, float[] positions, int row) {
        float fx = (float) warp.matrix()[axis][0];
        float fy = (float) warp.matrix()[axis][1];
        float fz = step(axis);
        for (int z = 0; z < displacements[0].length; z++) {
            float displacement = fx * displacements[0][z] + fy * displacements[1][z] + fz * displacements[2][z];
            positions[row + z] = begin + z * fz + displacement;
        }
    }

    /** Splits the positions of a row into the lower voxel and the remainder. */
    private void split(int row, int length) {
        for (int i = row; i < row + length; i++) {
            int lowerX = (int) restX[i];
            int lowerY = (int) restY[i];
            int lowerZ = (int) restZ[i];
            restX[i] -= lowerX;
            restY[i] -= lowerY;
            restZ[i] -= lowerZ;
            base[i] = lowerX * strideX + lowerY * strideY + lowerZ;
        }
    }

    /** Interpolates the plane linearly. */
    void interpolate(float[] region, float[] out, int start) {
        for (int i = 0; i < base.length; i++) {
            int at = base[i];
            float fz = restZ[i];
            float fy = restY[i];
            float a = region[at] + fz * (region[at + 1] - region[at]);
            int up = at + strideY;
            float b = region[up] + fz * (region[up + 1] - region[up]);
            int far = at + strideX;
            float c = region[far] + fz * (region[far + 1] - region[far]);
            int both = far + strideY;
            float d = region[both] + fz * (region[both + 1] - region[both]);
            float near = a + fy * (b - a);
            out[start + i] = near + restX[i] * (c + fy * (d - c) - near);
        }
    }

    /**
     * Gives each voxel of the plane the label with the largest weight among the eight around it; the smaller label of equals.
     */
    void vote(byte[] region, byte[] out, int start) {
        for (int i = 0; i < base.length; i++) {
            int at = base[i];
            int up = at + strideY;
            int far = at + strideX;
            int both = far + strideY;
            byte label = region[at];
            boolean same = label == region[at + 1]
                    & label == region[up]
                    & label == region[up + 1]
                    & label == region[far]
                    & label == region[far + 1]
                    & label == region[both]
                    & label == region[both + 1];
            out[start + i] = same ? label : heaviest(region, i);
        }
    }

    private byte heaviest(byte[] region, int i) {
        int at = base[i];
        int far = at + strideX;
        float fx = restX[i];
        float fy = restY[i];
        float fz = restZ[i];
        int[] corners = {at, at + strideY, far, far + strideY};
        for (int corner : corners) {
            weights[region[corner]] = 0;
            weights[region[corner + 1]] = 0;
        }
        addWeights(region, at, (1 - fx) * (1 - fy), fz);
        addWeights(region, at + strideY, (1 - fx) * fy, fz);
        addWeights(region, far, fx * (1 - fy), fz);
        addWeights(region, far + strideY, fx * fy, fz);
        byte best = region[at];
        for (int corner : corners) {
            best = heavier(best, region[corner]);
            best = heavier(best, region[corner + 1]);
        }
        return best;
    }

    private byte heavier(byte best, byte label) {
        boolean isHeavier = weights[label] > weights[best] || (weights[label] == weights[best] && label < best);
        return isHeavier ? label : best;
    }

    private void addWeights(byte[] region, int at, float share, float fz) {
        weights[region[at]] += share * (1 - fz);
        weights[region[at + 1]] += share * fz;
    }
}
