package dev.preceptor.augment;

import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The part of an image that a warped patch is taken from, and the place within it of each voxel of a row. Not thread-safe: it
 * holds one row at a time.
 */
final class Footprint {
    /** Labels that there may be, from 0. */
    private static final int LABELS = 8;

    private final Warp warp;
    private final Size from;
    /** First and last voxel of the part along each axis; with zeros beyond the image it may reach one voxel over. */
    private final int[] first;

    private final int[] last;
    private final int strideX;
    private final int strideY;

    /** For each voxel of the row the lower of the eight voxels around its place, and the shares of the upper ones. */
    private final int[] base;

    private final float[] restX;
    private final float[] restY;
    private final float[] restZ;
    private final float[][] displacements;

    private Footprint(Warp warp, Size from, int[] first, int[] last) {
        this.warp = warp;
        this.from = from;
        this.first = first;
        this.last = last;
        this.strideY = last[2] - first[2] + 1;
        this.strideX = Math.multiplyExact(last[1] - first[1] + 1, strideY);
        int length = warp.size().z();
        this.base = new int[length];
        this.restX = new float[length];
        this.restY = new float[length];
        this.restZ = new float[length];
        this.displacements = new float[3][length];
    }

    /** The footprint of a patch on an image; nothing if they do not meet. */
    static Optional<Footprint> of(Warp warp, Size from, Warp.Beyond beyond) {
        int ring = beyond == Warp.Beyond.ZERO ? 1 : 0;
        int[] first = new int[3];
        int[] last = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            double reach = 0;
            for (int other = 0; other < 3; other++) {
                double half = (warp.size().along(other) - 1) / 2.0;
                int along = other;
                reach += Math.abs(warp.matrix()[axis][other])
                        * (half + warp.elastic().map(e -> e.most(along)).orElse(0.0));
            }
            int low = -ring;
            int high = from.along(axis) - 1 + ring;
            double begin = warp.middle()[axis] - reach;
            double end = warp.middle()[axis] + reach;
            if (ring == 1 && (end <= low || begin >= high)) {
                return Optional.empty();
            }
            last[axis] = Math.min(Math.max((int) Math.floor(end) + 1, low), high);
            // Two voxels at least, to interpolate between.
            last[axis] = Math.max(last[axis], low + 1);
            first[axis] = Math.max(Math.min((int) Math.floor(begin), last[axis] - 1), low);
        }
        return Optional.of(new Footprint(warp, from, first, last));
    }

    private int voxels() {
        return Math.multiplyExact(last[0] - first[0] + 1, strideX);
    }

    /** The voxels of the part, 0 beyond the image. */
    float[] region(FloatBuffer image) {
        float[] region = new float[voxels()];
        forEachRow((source, target, length) -> image.get(source, region, target, length));
        return region;
    }

    /** The labels of the part, 0 beyond the image. */
    byte[] region(ByteBuffer labels) {
        byte[] region = new byte[voxels()];
        forEachRow((source, target, length) -> labels.get(source, region, target, length));
        return region;
    }

    private interface RowCopy {
        void copy(int source, int target, int length);
    }

    private void forEachRow(RowCopy rows) {
        int z0 = Math.max(first[2], 0);
        int length = Math.min(last[2], from.z() - 1) - z0 + 1;
        for (int x = Math.max(first[0], 0); x <= Math.min(last[0], from.x() - 1); x++) {
            for (int y = Math.max(first[1], 0); y <= Math.min(last[1], from.y() - 1); y++) {
                rows.copy(
                        (x * from.y() + y) * from.z() + z0,
                        (x - first[0]) * strideX + (y - first[1]) * strideY + z0 - first[2],
                        length);
            }
        }
    }

    /** Finds the places of the row along z at (x, y) of the patch. */
    void row(int x, int y) {
        Size size = warp.size();
        double dx = x - (size.x() - 1) / 2.0;
        double dy = y - (size.y() - 1) / 2.0;
        double dz = -(size.z() - 1) / 2.0;
        warp.elastic().ifPresent(elastic -> elastic.row(x, y, displacements));
        Arrays.fill(base, 0);
        along(0, dx, dy, dz, strideX, restX);
        along(1, dx, dy, dz, strideY, restY);
        along(2, dx, dy, dz, 1, restZ);
    }

    private void along(int axis, double dx, double dy, double dz, int stride, float[] rest) {
        double[] factors = warp.matrix()[axis];
        float begin = (float) (warp.middle()[axis] + factors[0] * dx + factors[1] * dy + factors[2] * dz - first[axis]);
        float step = (float) factors[2];
        int extent = last[axis] - first[axis];
        if (warp.elastic().isEmpty()) {
            for (int z = 0; z < rest.length; z++) {
                rest[z] = Math.min(Math.max(begin + z * step, 0), extent);
            }
        } else {
            float fx = (float) factors[0];
            float fy = (float) factors[1];
            for (int z = 0; z < rest.length; z++) {
                float moved = fx * displacements[0][z] + fy * displacements[1][z] + step * displacements[2][z];
                rest[z] = Math.min(Math.max(begin + z * step + moved, 0), extent);
            }
        }
        for (int z = 0; z < rest.length; z++) {
            int lower = Math.min((int) rest[z], extent - 1);
            rest[z] -= lower;
            base[z] += lower * stride;
        }
    }

    /** Interpolates the row linearly. */
    void interpolate(float[] region, float[] out, int start) {
        for (int z = 0; z < base.length; z++) {
            int at = base[z];
            float fz = restZ[z];
            float fy = restY[z];
            float a = region[at] + fz * (region[at + 1] - region[at]);
            int up = at + strideY;
            float b = region[up] + fz * (region[up + 1] - region[up]);
            int far = at + strideX;
            float c = region[far] + fz * (region[far + 1] - region[far]);
            int both = far + strideY;
            float d = region[both] + fz * (region[both + 1] - region[both]);
            float near = a + fy * (b - a);
            out[start + z] = near + restX[z] * (c + fy * (d - c) - near);
        }
    }

    /** Gives each voxel of the row the label with the largest share of the eight around it; the smaller of two that are equal. */
    void vote(byte[] region, byte[] out, int start) {
        for (int z = 0; z < base.length; z++) {
            int at = base[z];
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
            out[start + z] = same ? label : elect(region, at, restX[z], restY[z], restZ[z]);
        }
    }

    private byte elect(byte[] region, int at, float fx, float fy, float fz) {
        float[] shares = new float[LABELS];
        for (int corner = 0; corner < 8; corner++) {
            int place = at + (corner >> 2) * strideX + (corner >> 1 & 1) * strideY + (corner & 1);
            shares[region[place]] += ((corner >> 2) == 1 ? fx : 1 - fx)
                    * ((corner >> 1 & 1) == 1 ? fy : 1 - fy)
                    * ((corner & 1) == 1 ? fz : 1 - fz);
        }
        int best = 0;
        for (int label = 1; label < LABELS; label++) {
            if (shares[label] > shares[best]) {
                best = label;
            }
        }
        return (byte) best;
    }
}
