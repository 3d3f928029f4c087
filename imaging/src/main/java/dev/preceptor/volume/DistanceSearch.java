package dev.preceptor.volume;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Exact distances from a few voxels to the nearest marked voxel. The distance to the nearest mark within each row is
 * tabulated. From a voxel, rows are visited in order of distance until no farther row can contain a nearer mark. If the
 * near rows contain none, the plane across the first axis is transformed once for all such voxels in it.
 */
final class DistanceSearch {
    /** The radius of the near rows, in lengths of the shorter voxel edge. */
    private static final int NEAR_EDGES = 8;

    private final Size size;
    private final double[] spacing;
    /** The distance in voxels to the nearest mark of the same row; {@code size.x()} if the row has none. */
    private final short[] toMarkInRow;
    /** Squared distances in mm² of so many voxels along a row; infinite for {@code size.x()}. */
    private final double[] squares;

    private final List<RowOffset> rows = new ArrayList<>();
    private final double limit;
    /** The edges of a block of voxels. */
    private final int[] edges = new int[3];
    /** The number of blocks. */
    private final Size blocks;

    private final BitSet near;

    /** The offset of a row along the second and third axis in voxels, and its squared distance in mm². */
    private record RowOffset(int y, int z, double squared) {}

    DistanceSearch(BitSet marked, Size size, double[] spacingMm) {
        if (size.x() > Short.MAX_VALUE) {
            throw new IllegalArgumentException("rows of more than " + Short.MAX_VALUE + " voxels: " + size);
        }
        this.size = size;
        this.spacing = spacingMm;
        toMarkInRow = new short[size.voxels()];
        Arrays.fill(toMarkInRow, (short) size.x());
        tabulate(marked);
        squares = new double[size.x() + 1];
        Arrays.setAll(squares, i -> spacingMm[0] * spacingMm[0] * i * i);
        squares[size.x()] = Double.POSITIVE_INFINITY;
        double reach = NEAR_EDGES * Math.min(spacingMm[1], spacingMm[2]);
        limit = reach * reach;
        Arrays.setAll(edges, axis -> Math.min(size.along(axis), (int) (reach / spacingMm[axis]) + 1));
        blocks = new Size((size.x() - 1) / edges[0] + 1, (size.y() - 1) / edges[1] + 1, (size.z() - 1) / edges[2] + 1);
        near = blocksNear(marked);
        int farY = Math.min(size.y() - 1, (int) (reach / spacingMm[1]));
        int farZ = Math.min(size.z() - 1, (int) (reach / spacingMm[2]));
        for (int z = -farZ; z <= farZ; z++) {
            for (int y = -farY; y <= farY; y++) {
                double squared = spacingMm[1] * spacingMm[1] * y * y + spacingMm[2] * spacingMm[2] * z * z;
                if (squared <= limit) {
                    rows.add(new RowOffset(y, z, squared));
                }
            }
        }
        rows.sort(Comparator.comparingDouble(RowOffset::squared));
    }

    private void tabulate(BitSet marked) {
        int mark = marked.nextSetBit(0);
        while (mark >= 0) {
            int start = mark - mark % size.x();
            int end = start + size.x();
            int before = -1;
            while (mark >= 0 && mark < end) {
                for (int i = before < 0 ? start : (before + mark + 1) / 2; i <= mark; i++) {
                    toMarkInRow[i] = (short) (mark - i);
                }
                int next = marked.nextSetBit(mark + 1);
                int last = next < 0 || next >= end ? end - 1 : (mark + next) / 2;
                for (int i = mark + 1; i <= last; i++) {
                    toMarkInRow[i] = (short) (i - mark);
                }
                before = mark;
                mark = next;
            }
        }
    }

    /**
     * The blocks that may hold a voxel from which a near row has a mark within reach: those with a mark and their neighbours. No edge of a
     * block is shorter than the reach.
     */
    private BitSet blocksNear(BitSet marked) {
        BitSet occupied = new BitSet(blocks.voxels());
        VoxelRuns.forEach(marked, size.x(), (start, end) -> {
            int line = start / size.x();
            int first = block(start - line * size.x(), line % size.y(), line / size.y());
            int last = block(end - 1 - line * size.x(), line % size.y(), line / size.y());
            occupied.set(first, last + 1);
        });
        return Morphology.dilated(occupied, blocks, Connectivity.CORNERS, 1);
    }

    private int block(int x, int y, int z) {
        return blocks.index(x / edges[0], y / edges[1], z / edges[2]);
    }

    /** Squared distances in mm² from the given voxels, in ascending order of their indices. */
    double[] squared(BitSet from) {
        int[] indices = new int[from.cardinality()];
        for (int i = 0, next = from.nextSetBit(0); next >= 0; next = from.nextSetBit(next + 1)) {
            indices[i++] = next;
        }
        double[] squaredDistances = new double[indices.length];
        int[] ys = new int[rows.size()];
        int[] zs = new int[rows.size()];
        double[] rowSquared = new double[rows.size()];
        for (int k = 0; k < ys.length; k++) {
            ys[k] = rows.get(k).y;
            zs[k] = rows.get(k).z;
            rowSquared[k] = rows.get(k).squared;
        }
        BitSet[] farByX = new BitSet[size.x()];
        for (int i = 0; i < indices.length; i++) {
            int line = indices[i] / size.x();
            int x = indices[i] - line * size.x();
            int z = line / size.y();
            int y = line - z * size.y();
            double best = Double.POSITIVE_INFINITY;
            int nearRows = near.get(block(x, y, z)) ? rowSquared.length : 0;
            for (int k = 0; k < nearRows && rowSquared[k] < best; k++) {
                int atY = y + ys[k];
                int atZ = z + zs[k];
                if (atY >= 0 && atY < size.y() && atZ >= 0 && atZ < size.z()) {
                    best = Math.min(best, rowSquared[k] + squares[toMarkInRow[size.index(x, atY, atZ)]]);
                }
            }
            squaredDistances[i] = best;
            if (best > limit) {
                farByX[x] = farByX[x] == null ? new BitSet() : farByX[x];
                farByX[x].set(i);
            }
        }
        for (int x = 0; x < farByX.length; x++) {
            if (farByX[x] != null) {
                double[] plane = plane(x);
                farByX[x].stream().forEach(i -> squaredDistances[i] = alongLastAxis(plane, indices[i] / size.x()));
            }
        }
        return squaredDistances;
    }

    /**
     * Squared distances in mm² from the plane at index {@code x} of the first axis to the marks of the same slice,
     * y-fastest.
     */
    private double[] plane(int x) {
        double[] plane = new double[size.y() * size.z()];
        LowerEnvelope envelope = new LowerEnvelope(size.y(), spacing[1]);
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                plane[y + size.y() * z] = squares[toMarkInRow[size.index(x, y, z)]];
            }
            envelope.transform(plane, size.y() * z, 1);
        }
        return plane;
    }

    private double alongLastAxis(double[] plane, int line) {
        double best = plane[line];
        double edge = spacing[2] * spacing[2];
        for (int steps = 1; steps < size.z() && edge * steps * steps < best; steps++) {
            double more = edge * steps * steps;
            int below = line - steps * size.y();
            int above = line + steps * size.y();
            if (below >= 0) {
                best = Math.min(best, plane[below] + more);
            }
            if (above < plane.length) {
                best = Math.min(best, plane[above] + more);
            }
        }
        return best;
    }
}
