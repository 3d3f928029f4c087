package dev.preceptor.augment;

import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The part of an image that a warped patch is taken from, and the place within it of each voxel of a plane. Not thread-safe: it
 * holds one plane at a time, so that each sequence is read while the cache holds where from.
 */
final class Footprint {
    /** Labels that there may be, from 0. */
    private static final int LABELS = 8;

    private final Warp warp;
    private final Size from;
    /** First and last voxel of the part along each axis; with zeros beyond the image it may reach one voxel over. */
    private final int[] first;

    private final int[] last;
    /** From the image back to the patch, about their middles, and how far from it the patch reaches along its axes, seen from
     * the voxels that its places lie between. */
    private final double[][] inverse;

    private final double[] reach = new double[3];
    private final int strideX;
    private final int strideY;

    /** For each voxel of the plane [Y, Z] the lower of the eight voxels around its place, and the shares of the upper ones. */
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
        this.inverse = Warp.inverse(warp.matrix());
        for (int axis = 0; axis < 3; axis++) {
            int along = axis;
            reach[axis] = (warp.size().along(axis) - 1) / 2.0
                    + warp.elastic().map(e -> e.most(along)).orElse(0.0)
                    + Math.abs(inverse[axis][0])
                    + Math.abs(inverse[axis][1])
                    + Math.abs(inverse[axis][2]);
        }
        int length = warp.size().y() * warp.size().z();
        this.base = new int[length];
        this.restX = new float[length];
        this.restY = new float[length];
        this.restZ = new float[length];
        this.displacements = new float[3][warp.size().z()];
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

    /** How many voxels the part has. */
    int voxels() {
        return Math.multiplyExact(last[0] - first[0] + 1, strideX);
    }

    /** Fills in the voxels of the part that are needed, 0 beyond the image; the others stay as they are. */
    void fill(FloatBuffer image, float[] region) {
        forEachRow(
                (from, to) -> Arrays.fill(region, from, to, 0),
                (source, target, length) -> image.get(source, region, target, length));
    }

    /** Fills in the labels of the part that are needed, 0 beyond the image; the others stay as they are. */
    void fill(ByteBuffer labels, byte[] region) {
        forEachRow(
                (from, to) -> Arrays.fill(region, from, to, (byte) 0),
                (source, target, length) -> labels.get(source, region, target, length));
    }

    private interface Blank {
        void fill(int from, int to);
    }

    private interface RowCopy {
        void copy(int source, int target, int length);
    }

    /**
     * The voxels that a turned box needs are few of those of the box around it: along each row those from which the way back
     * leads into the patch. What is clamped to the border beyond the image is all needed.
     */
    private void forEachRow(Blank blank, RowCopy rows) {
        for (int x = first[0]; x <= last[0]; x++) {
            for (int y = first[1]; y <= last[1]; y++) {
                int row = (x - first[0]) * strideX + (y - first[1]) * strideY;
                if (x < 0 || y < 0 || x >= from.x() || y >= from.y()) {
                    blank.fill(row, row + strideY);
                    continue;
                }
                if (first[2] < 0) {
                    blank.fill(row, row + 1);
                }
                if (last[2] == from.z()) {
                    blank.fill(row + strideY - 1, row + strideY);
                }
                double low = Math.max(first[2], 0);
                double high = Math.min(last[2], from.z() - 1);
                for (int axis = 0; axis < 3; axis++) {
                    double[] back = inverse[axis];
                    double offset = back[0] * (x - warp.middle()[0]) + back[1] * (y - warp.middle()[1]);
                    if (Math.abs(back[2]) > 1e-9) {
                        double one = (-reach[axis] - offset) / back[2] + warp.middle()[2];
                        double other = (reach[axis] - offset) / back[2] + warp.middle()[2];
                        low = Math.max(low, Math.min(one, other));
                        high = Math.min(high, Math.max(one, other));
                    } else if (Math.abs(offset) > reach[axis]) {
                        high = low - 1;
                    }
                }
                int begin = (int) Math.ceil(low);
                int length = (int) Math.floor(high) - begin + 1;
                if (length > 0) {
                    rows.copy((x * from.y() + y) * from.z() + begin, row + begin - first[2], length);
                }
            }
        }
    }

    /** Finds the places of the plane of the patch at x. */
    void plane(int x) {
        int length = warp.size().z();
        for (int y = 0; y < warp.size().y(); y++) {
            int row = y * length;
            float beginX = begin(0, x, y);
            float beginY = begin(1, x, y);
            float beginZ = begin(2, x, y);
            if (warp.elastic().isPresent()) {
                warp.elastic().get().row(x, y, displacements);
                displaced(0, beginX, restX, row);
                displaced(1, beginY, restY, row);
                displaced(2, beginZ, restZ, row);
                split(row);
            } else if (isWithin(0, beginX) && isWithin(1, beginY) && isWithin(2, beginZ)) {
                straight(beginX, beginY, beginZ, row);
            } else {
                clamped(0, beginX, restX, row);
                clamped(1, beginY, restY, row);
                clamped(2, beginZ, restZ, row);
                split(row);
            }
        }
    }

    /** The place along an axis of the part of the first voxel of the row at (x, y). */
    private float begin(int axis, int x, int y) {
        double[] factors = warp.matrix()[axis];
        Size size = warp.size();
        return (float) (warp.middle()[axis]
                + factors[0] * (x - (size.x() - 1) / 2.0)
                + factors[1] * (y - (size.y() - 1) / 2.0)
                - factors[2] * (size.z() - 1) / 2.0
                - first[axis]);
    }

    private float step(int axis) {
        return (float) warp.matrix()[axis][2];
    }

    /** Whether a whole row lies within the part, so that nothing need be clamped. */
    private boolean isWithin(int axis, float begin) {
        float end = begin + step(axis) * (warp.size().z() - 1);
        return Math.min(begin, end) >= 0 && Math.max(begin, end) < last[axis] - first[axis];
    }

    private void straight(float beginX, float beginY, float beginZ, int row) {
        float stepX = step(0);
        float stepY = step(1);
        float stepZ = step(2);
        for (int z = 0; z < warp.size().z(); z++) {
            float placeX = beginX + z * stepX;
            float placeY = beginY + z * stepY;
            float placeZ = beginZ + z * stepZ;
            int lowerX = (int) placeX;
            int lowerY = (int) placeY;
            int lowerZ = (int) placeZ;
            restX[row + z] = placeX - lowerX;
            restY[row + z] = placeY - lowerY;
            restZ[row + z] = placeZ - lowerZ;
            base[row + z] = lowerX * strideX + lowerY * strideY + lowerZ;
        }
    }

    private void clamped(int axis, float begin, float[] places, int row) {
        float step = step(axis);
        float most = last[axis] - first[axis];
        for (int z = 0; z < warp.size().z(); z++) {
            places[row + z] = Math.min(Math.max(begin + z * step, 0), most);
        }
    }

    private void displaced(int axis, float begin, float[] places, int row) {
        double[] factors = warp.matrix()[axis];
        float fx = (float) factors[0];
        float fy = (float) factors[1];
        float fz = (float) factors[2];
        float most = last[axis] - first[axis];
        for (int z = 0; z < displacements[0].length; z++) {
            float moved = fx * displacements[0][z] + fy * displacements[1][z] + fz * displacements[2][z];
            places[row + z] = Math.min(Math.max(begin + z * fz + moved, 0), most);
        }
    }

    /** Takes the places of a row apart into the voxel below and the rest. */
    private void split(int row) {
        int mostX = last[0] - first[0] - 1;
        int mostY = last[1] - first[1] - 1;
        int mostZ = last[2] - first[2] - 1;
        for (int i = row; i < row + warp.size().z(); i++) {
            int lowerX = Math.min((int) restX[i], mostX);
            int lowerY = Math.min((int) restY[i], mostY);
            int lowerZ = Math.min((int) restZ[i], mostZ);
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

    /** Gives each voxel of the plane the label with the largest share of the eight around it; the smaller of two that are equal. */
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
            out[start + i] = same ? label : elect(region, at, restX[i], restY[i], restZ[i]);
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
