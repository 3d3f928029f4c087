package dev.preceptor.volume;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Exact distances from some voxels to the nearest marked ones. The distance to the nearest mark of each row is tabulated; from a
 * voxel, rows are visited from the nearest outwards until no farther row can hold a nearer mark. Where none of the near rows
 * does, the plane across the first axis is transformed, once for all such voxels in it.
 */
final class DistanceSearch {
    /** How many of the smaller edges count as near. */
    private static final int REACH = 8;

    private final Size size;
    private final double[] spacing;
    /** Voxels to the nearest mark of the row, {@code size.x()} where the row has none. */
    private final short[] along;
    /** What so many voxels along a row are worth, squared; infinite for {@code size.x()}. */
    private final double[] squares;

    private final List<Row> rows = new ArrayList<>();
    private final double limit;

    /** A row so far away along the second and third axis, and its squared distance. */
    private record Row(int y, int z, double squared) {}

    DistanceSearch(BitSet marked, Size size, double[] spacingMm) {
        if (size.x() > Short.MAX_VALUE) {
            throw new IllegalArgumentException("rows of more than " + Short.MAX_VALUE + " voxels: " + size);
        }
        this.size = size;
        this.spacing = spacingMm;
        along = new short[size.voxels()];
        Arrays.fill(along, (short) size.x());
        for (int row = 0; row < along.length; row += size.x()) {
            tabulate(marked, row, row + size.x());
        }
        squares = new double[size.x() + 1];
        Arrays.setAll(squares, i -> spacingMm[0] * spacingMm[0] * i * i);
        squares[size.x()] = Double.POSITIVE_INFINITY;
        double reach = REACH * Math.min(spacingMm[1], spacingMm[2]);
        limit = reach * reach;
        int farY = (int) (reach / spacingMm[1]);
        int farZ = (int) (reach / spacingMm[2]);
        for (int z = -farZ; z <= farZ; z++) {
            for (int y = -farY; y <= farY; y++) {
                double squared = spacingMm[1] * spacingMm[1] * y * y + spacingMm[2] * spacingMm[2] * z * z;
                if (squared <= limit) {
                    rows.add(new Row(y, z, squared));
                }
            }
        }
        rows.sort(Comparator.comparingDouble(Row::squared));
    }

    private void tabulate(BitSet marked, int start, int end) {
        int before = -1;
        for (int mark = marked.nextSetBit(start); mark >= 0 && mark < end; mark = marked.nextSetBit(mark + 1)) {
            for (int i = before < 0 ? start : (before + mark + 1) / 2; i <= mark; i++) {
                along[i] = (short) (mark - i);
            }
            before = mark;
            int next = marked.nextSetBit(mark + 1);
            int last = next < 0 || next >= end ? end - 1 : (mark + next) / 2;
            for (int i = mark + 1; i <= last; i++) {
                along[i] = (short) (i - mark);
            }
        }
    }

    /** Squared distances from some voxels in ascending order of their places. */
    double[] squared(BitSet from) {
        int[] places = from.stream().toArray();
        double[] found = new double[places.length];
        int[] ys = rows.stream().mapToInt(Row::y).toArray();
        int[] zs = rows.stream().mapToInt(Row::z).toArray();
        double[] away = rows.stream().mapToDouble(Row::squared).toArray();
        BitSet[] far = new BitSet[size.x()];
        for (int i = 0; i < places.length; i++) {
            int line = places[i] / size.x();
            int x = places[i] - line * size.x();
            int z = line / size.y();
            int y = line - z * size.y();
            double best = Double.POSITIVE_INFINITY;
            for (int k = 0; k < away.length && away[k] < best; k++) {
                int atY = y + ys[k];
                int atZ = z + zs[k];
                if (atY >= 0 && atY < size.y() && atZ >= 0 && atZ < size.z()) {
                    best = Math.min(best, away[k] + squares[along[size.index(x, atY, atZ)]]);
                }
            }
            found[i] = best;
            if (best > limit) {
                far[x] = far[x] == null ? new BitSet() : far[x];
                far[x].set(i);
            }
        }
        for (int x = 0; x < far.length; x++) {
            if (far[x] != null) {
                double[] plane = plane(x);
                far[x].stream().forEach(i -> found[i] = alongLastAxis(plane, places[i] / size.x()));
            }
        }
        return found;
    }

    /** For one place on the first axis, squared distances to the marks in the same slice across the last, y-fastest. */
    private double[] plane(int x) {
        double[] plane = new double[size.y() * size.z()];
        Envelope envelope = new Envelope(size.y(), spacing[1]);
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                plane[y + size.y() * z] = squares[along[size.index(x, y, z)]];
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
