package dev.preceptor.augment;

import dev.preceptor.data.Sample;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The positions, in a {@link SourceRegion}, of the voxels of one row of a patch, and interpolation at them. Positions and weights
 * are computed once for all sequences and the labels. Not thread-safe: it holds one row at a time.
 *
 * <p>A position is three coordinates in voxels of the region, at least 0 but for rounding errors.
 */
final class SourceRow {
    /** Number of labels, from 0 to {@link Sample#IGNORED}. */
    private static final int LABELS = Sample.IGNORED + 1;

    /** Two neighbouring labels in one load. */
    private static final VarHandle PAIR = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());

    private final int strideX;
    private final int strideY;
    private final int length;

    /** For each voxel of the row, the index of the lowest of the eight voxels around its position, and the upper weights. */
    private final int[] base;

    private final float[] restX;
    private final float[] restY;
    private final float[] restZ;
    private final float[] weights = new float[LABELS];
    private int voteBegin;
    private int voteEnd;

    /**
     * @param strideX distance of two voxels of the region that are neighbours along x, in voxels
     * @param strideY likewise along y
     * @param length number of voxels of the row
     */
    SourceRow(int strideX, int strideY, int length) {
        this.strideX = strideX;
        this.strideY = strideY;
        this.length = length;
        this.base = new int[length];
        this.restX = new float[length];
        this.restY = new float[length];
        this.restZ = new float[length];
    }

    /** Sets the positions to points on a line: voxel i lies at {@code begin + i step}. */
    void straight(float[] begin, float[] step) {
        float beginX = begin[0];
        float beginY = begin[1];
        float beginZ = begin[2];
        float stepX = step[0];
        float stepY = step[1];
        float stepZ = step[2];
        for (int i = 0; i < length; i++) {
            float positionX = beginX + i * stepX;
            float positionY = beginY + i * stepY;
            float positionZ = beginZ + i * stepZ;
            int lowerX = (int) positionX;
            int lowerY = (int) positionY;
            int lowerZ = (int) positionZ;
            restX[i] = positionX - lowerX;
            restY[i] = positionY - lowerY;
            restZ[i] = positionZ - lowerZ;
            base[i] = lowerX * strideX + lowerY * strideY + lowerZ;
        }
    }

    /** Sets the positions to displaced points on a line: voxel i lies at {@code begin + i step + displacements[axis][i]}. */
    void displaced(float[] begin, float[] step, float[][] displacements) {
        place(begin[0], step[0], displacements[0], restX);
        place(begin[1], step[1], displacements[1], restY);
        place(begin[2], step[2], displacements[2], restZ);
        voters(0, length);
        for (int i = 0; i < length; i++) {
            int lowerX = (int) restX[i];
            int lowerY = (int) restY[i];
            int lowerZ = (int) restZ[i];
            restX[i] -= lowerX;
            restY[i] -= lowerY;
            restZ[i] -= lowerZ;
            base[i] = lowerX * strideX + lowerY * strideY + lowerZ;
        }
    }

    private void place(float begin, float step, float[] displacements, float[] positions) {
        for (int i = 0; i < length; i++) {
            positions[i] = begin + i * step + displacements[i];
        }
    }

    /**
     * Interpolates images linearly.
     *
     * @param region the images, those of one voxel next to each other
     * @param to the row of each image: 0, 1, 2 or 4 images
     * @param at index of the row's first voxel in each image, relative to the start of the image
     */
    void interpolate(float[] region, Channel[] to, int at) {
        switch (to.length) {
            case 0 -> {}
            case 1 -> one(region, to[0].values(), to[0].start() + at);
            case 2 -> two(region, to[0].values(), to[0].start() + at, to[1].values(), to[1].start() + at);
            case 4 -> four(region, to, at);
            default -> throw new IllegalArgumentException(to.length + " images");
        }
    }

    private void one(float[] region, float[] out, int start) {
        for (int i = 0; i < length; i++) {
            int near = base[i];
            int up = near + strideY;
            int far = near + strideX;
            int both = far + strideY;
            float x = restX[i];
            float y = restY[i];
            float z = restZ[i];
            float low = (1 - x) * (1 - y);
            float lowUp = (1 - x) * y;
            float high = x * (1 - y);
            float highUp = x * y;
            float below = mix(region, near, up, far, both, low, lowUp, high, highUp);
            float above = mix(region, near + 1, up + 1, far + 1, both + 1, low, lowUp, high, highUp);
            out[start + i] = (1 - z) * below + z * above;
        }
    }

    private void two(float[] region, float[] outA, int startA, float[] outB, int startB) {
        for (int i = 0; i < length; i++) {
            int near = 2 * base[i];
            int up = near + 2 * strideY;
            int far = near + 2 * strideX;
            int both = far + 2 * strideY;
            float x = restX[i];
            float y = restY[i];
            float z = restZ[i];
            float low = (1 - x) * (1 - y);
            float lowUp = (1 - x) * y;
            float high = x * (1 - y);
            float highUp = x * y;
            float belowA = mix(region, near, up, far, both, low, lowUp, high, highUp);
            float belowB = mix(region, near + 1, up + 1, far + 1, both + 1, low, lowUp, high, highUp);
            float aboveA = mix(region, near + 2, up + 2, far + 2, both + 2, low, lowUp, high, highUp);
            float aboveB = mix(region, near + 3, up + 3, far + 3, both + 3, low, lowUp, high, highUp);
            outA[startA + i] = (1 - z) * belowA + z * aboveA;
            outB[startB + i] = (1 - z) * belowB + z * aboveB;
        }
    }

    /** Four voxels of one image and one plane along z with their weights. */
    private static float mix(
            float[] region, int near, int up, int far, int both, float low, float lowUp, float high, float highUp) {
        return low * region[near] + lowUp * region[up] + high * region[far] + highUp * region[both];
    }

    private void four(float[] region, Channel[] to, int at) {
        float[] outA = to[0].values();
        float[] outB = to[1].values();
        float[] outC = to[2].values();
        float[] outD = to[3].values();
        int startA = to[0].start() + at;
        int startB = to[1].start() + at;
        int startC = to[2].start() + at;
        int startD = to[3].start() + at;
        int stepX = 4 * strideX;
        int stepY = 4 * strideY;
        // The weights first, then one image after the other: all of them fit into the processor's registers.
        for (int i = 0; i < length; i++) {
            int near = 4 * base[i];
            int up = near + stepY;
            int far = near + stepX;
            int both = far + stepY;
            float x = restX[i];
            float y = restY[i];
            float z = restZ[i];
            float nearWeight = (1 - x) * (1 - y);
            float near1 = nearWeight * z;
            float near0 = nearWeight - near1;
            float upWeight = (1 - x) * y;
            float up1 = upWeight * z;
            float up0 = upWeight - up1;
            float farWeight = x * (1 - y);
            float far1 = farWeight * z;
            float far0 = farWeight - far1;
            float bothWeight = x * y;
            float both1 = bothWeight * z;
            float both0 = bothWeight - both1;
            outA[startA + i] = mix(region, near, up, far, both, near0, near1, up0, up1, far0, far1, both0, both1);
            outB[startB + i] =
                    mix(region, near + 1, up + 1, far + 1, both + 1, near0, near1, up0, up1, far0, far1, both0, both1);
            outC[startC + i] =
                    mix(region, near + 2, up + 2, far + 2, both + 2, near0, near1, up0, up1, far0, far1, both0, both1);
            outD[startD + i] =
                    mix(region, near + 3, up + 3, far + 3, both + 3, near0, near1, up0, up1, far0, far1, both0, both1);
        }
    }

    /** The eight voxels of one of four images around a position, with their weights. */
    private static float mix(
            float[] region,
            int near,
            int up,
            int far,
            int both,
            float near0,
            float near1,
            float up0,
            float up1,
            float far0,
            float far1,
            float both0,
            float both1) {
        return near0 * region[near]
                + near1 * region[near + 4]
                + up0 * region[up]
                + up1 * region[up + 4]
                + far0 * region[far]
                + far1 * region[far + 4]
                + both0 * region[both]
                + both1 * region[both + 4];
    }

    /** Restricts the vote to some voxels of the row; there is no label but 0 around the others. */
    void voters(int begin, int end) {
        voteBegin = Math.min(Math.max(begin, 0), length);
        voteEnd = Math.min(Math.max(end, voteBegin), length);
    }

    /**
     * Gives each voxel of the row the label with the largest weight among the eight around its position; the smaller label of
     * equals.
     */
    void vote(byte[] region, byte[] out, int start) {
        Arrays.fill(out, start, start + voteBegin, (byte) 0);
        Arrays.fill(out, start + voteEnd, start + length, (byte) 0);
        for (int i = voteBegin; i < voteEnd; i++) {
            int near = base[i];
            int far = near + strideX;
            int pair = (short) PAIR.get(region, near);
            int others = (pair ^ (short) PAIR.get(region, near + strideY))
                    | (pair ^ (short) PAIR.get(region, far))
                    | (pair ^ (short) PAIR.get(region, far + strideY));
            byte label = (byte) pair;
            boolean same = (others | (label ^ (pair >> 8))) == 0;
            out[start + i] = same ? label : heaviest(region, i);
        }
    }

    private byte heaviest(byte[] region, int i) {
        int at = base[i];
        int far = at + strideX;
        float x = restX[i];
        float y = restY[i];
        float z = restZ[i];
        byte first = region[at];
        byte other = first;
        boolean isTwo = true;
        float share = 0;
        for (int corner = 0; corner < 8; corner++) {
            byte label = region[at + (corner & 1) + (corner >> 1 & 1) * strideY + (corner >> 2) * strideX];
            if (label == first) {
                share += ((corner & 1) == 0 ? 1 - z : z)
                        * ((corner & 2) == 0 ? 1 - y : y)
                        * ((corner & 4) == 0 ? 1 - x : x);
            } else {
                isTwo &= other == first || other == label;
                other = label;
            }
        }
        if (isTwo) {
            return share > 0.5f || (share == 0.5f && first < other) ? first : other;
        }
        int[] corners = {at, at + strideY, far, far + strideY};
        for (int corner : corners) {
            weights[region[corner]] = 0;
            weights[region[corner + 1]] = 0;
        }
        addWeights(region, at, (1 - x) * (1 - y), z);
        addWeights(region, at + strideY, (1 - x) * y, z);
        addWeights(region, far, x * (1 - y), z);
        addWeights(region, far + strideY, x * y, z);
        byte best = first;
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

    private void addWeights(byte[] region, int at, float share, float z) {
        weights[region[at]] += share * (1 - z);
        weights[region[at + 1]] += share * z;
    }
}
