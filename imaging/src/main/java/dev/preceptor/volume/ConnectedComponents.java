package dev.preceptor.volume;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The connected pieces of a mask, numbered from 1 in the order of their first voxel. Rows are taken as runs of voxels, and runs that
 * touch are united (Rosenfeld and Pfaltz, JACM 13, 1966): time linear in the runs, memory in the voxels of the grid. Crop
 * first where the mask is small.
 */
public final class ConnectedComponents {
    private final int[] labels;
    private final int[] sizes;

    private ConnectedComponents(int[] labels, int[] sizes) {
        this.labels = labels;
        this.sizes = sizes;
    }

    /**
     * Finds the pieces.
     *
     * @param mask places of voxels on a grid of {@code size}
     */
    public static ConnectedComponents of(BitSet mask, Size size, Connectivity connectivity) {
        Runs runs = new Runs(mask, size);
        for (int row = 0; row < size.y() * size.z(); row++) {
            int y = row % size.y();
            int z = row / size.y();
            runs.unite(row, row - 1, y > 0, connectivity.reach(1, 0));
            runs.unite(row, row - size.y() - 1, y > 0 && z > 0, connectivity.reach(1, 1));
            runs.unite(row, row - size.y(), z > 0, connectivity.reach(0, 1));
            runs.unite(row, row - size.y() + 1, y < size.y() - 1 && z > 0, connectivity.reach(1, 1));
        }
        return runs.numbered();
    }

    /** How many pieces there are. */
    public int count() {
        return sizes.length;
    }

    /** The number of the piece at a voxel, 0 outside the mask. */
    public int at(int index) {
        return labels[index];
    }

    /** The voxels of piece 1 to {@link #count()}. */
    public int voxels(int component) {
        return sizes[component - 1];
    }

    /** The mask of one piece. */
    public BitSet mask(int component) {
        BitSet mask = new BitSet(labels.length);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == component) {
                mask.set(i);
            }
        }
        return mask;
    }

    /** The runs of a mask in the order of their first voxel, and for each an earlier run of the same piece or itself. */
    private static final class Runs {
        private final int voxels;
        /** The first run of each row, and of the row after the last. */
        private final int[] rows;

        private int[] starts = new int[1024];
        private int[] ends = new int[1024];
        private int[] earlier;

        Runs(BitSet mask, Size size) {
            voxels = size.voxels();
            rows = new int[size.y() * size.z() + 1];
            int count = 0;
            for (int row = 0; row < rows.length - 1; row++) {
                rows[row] = count;
                int border = (row + 1) * size.x();
                int start = mask.nextSetBit(row * size.x());
                while (start >= 0 && start < border) {
                    int end = Math.min(border, mask.nextClearBit(start));
                    if (count == starts.length) {
                        starts = Arrays.copyOf(starts, 2 * count);
                        ends = Arrays.copyOf(ends, 2 * count);
                    }
                    starts[count] = start;
                    ends[count++] = end;
                    start = mask.nextSetBit(end);
                }
            }
            rows[rows.length - 1] = count;
            earlier = new int[count];
            Arrays.setAll(earlier, run -> run);
        }

        /** Unites the runs of two rows that lie within so many voxels of each other along the row. */
        void unite(int row, int other, boolean exists, int reach) {
            if (!exists || reach < 0) {
                return;
            }
            int shift = voxels / (rows.length - 1) * (row - other);
            int b = rows[other];
            for (int a = rows[row]; a < rows[row + 1]; a++) {
                while (b < rows[other + 1] && ends[b] - 1 + shift + reach < starts[a]) {
                    b++;
                }
                for (int c = b; c < rows[other + 1] && starts[c] + shift - reach < ends[a]; c++) {
                    int first = root(a);
                    int second = root(c);
                    earlier[Math.max(first, second)] = Math.min(first, second);
                }
            }
        }

        private int root(int run) {
            int root = run;
            while (earlier[root] != root) {
                earlier[root] = earlier[earlier[root]];
                root = earlier[root];
            }
            return root;
        }

        ConnectedComponents numbered() {
            int[] labels = new int[voxels];
            int[] numbers = new int[earlier.length];
            int[] sizes = new int[earlier.length];
            int count = 0;
            for (int run = 0; run < earlier.length; run++) {
                int root = root(run);
                numbers[run] = root == run ? ++count : numbers[root];
                Arrays.fill(labels, starts[run], ends[run], numbers[run]);
                sizes[numbers[run] - 1] += ends[run] - starts[run];
            }
            return new ConnectedComponents(labels, Arrays.copyOf(sizes, count));
        }
    }
}
