package dev.preceptor.volume;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The connected components of a mask, numbered from 1 in the order of their first voxel. Rows are split into runs of
 * voxels, and touching runs are united (Rosenfeld and Pfaltz, JACM 13, 1966). Time is linear in the number of runs,
 * memory in the voxels of the grid; crop the mask first if it is small.
 */
public final class ConnectedComponents {
    private final int[] labels;
    private final int[] sizes;

    private ConnectedComponents(int[] labels, int[] sizes) {
        this.labels = labels;
        this.sizes = sizes;
    }

    /**
     * Labels the components of a mask.
     *
     * @param mask voxel indices on a grid of {@code size}
     * @param connectivity which neighbours belong to the same component
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

    /** The number of components. */
    public int count() {
        return sizes.length;
    }

    /** The component of a voxel, from 1; 0 outside the mask. */
    public int at(int index) {
        return labels[index];
    }

    /** The number of voxels of a component, from 1 to {@link #count()}. */
    public int voxels(int component) {
        return sizes[component - 1];
    }

    /** The mask of one component, from 1 to {@link #count()}. */
    public BitSet mask(int component) {
        BitSet mask = new BitSet(labels.length);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == component) {
                mask.set(i);
            }
        }
        return mask;
    }

    /**
     * The runs of a mask in the order of their first voxel, with a union-find forest: each run refers to an earlier run
     * of the same component, or to itself.
     */
    private static final class Runs {
        private final int voxels;
        /** The index of the first run of each row, and one entry for the end. */
        private final int[] rows;

        private int[] starts = new int[1024];
        private int[] ends = new int[1024];
        private int count;
        private int[] parent;

        Runs(BitSet mask, Size size) {
            voxels = size.voxels();
            rows = new int[size.y() * size.z() + 1];
            VoxelRuns.forEach(mask, size.x(), (start, end) -> {
                if (count == starts.length) {
                    starts = Arrays.copyOf(starts, 2 * count);
                    ends = Arrays.copyOf(ends, 2 * count);
                }
                starts[count] = start;
                ends[count++] = end;
                rows[start / size.x() + 1] = count;
            });
            for (int row = 1; row < rows.length; row++) {
                rows[row] = Math.max(rows[row], rows[row - 1]);
            }
            parent = new int[count];
            Arrays.setAll(parent, run -> run);
        }

        /** Unites the runs of two rows that are within {@code reach} voxels of each other along the row. */
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
                    parent[Math.max(first, second)] = Math.min(first, second);
                }
            }
        }

        private int root(int run) {
            int root = run;
            while (parent[root] != root) {
                parent[root] = parent[parent[root]];
                root = parent[root];
            }
            return root;
        }

        ConnectedComponents numbered() {
            int[] labels = new int[voxels];
            int[] numbers = new int[parent.length];
            int[] sizes = new int[parent.length];
            int count = 0;
            for (int run = 0; run < parent.length; run++) {
                int root = root(run);
                numbers[run] = root == run ? ++count : numbers[root];
                Arrays.fill(labels, starts[run], ends[run], numbers[run]);
                sizes[numbers[run] - 1] += ends[run] - starts[run];
            }
            return new ConnectedComponents(labels, Arrays.copyOf(sizes, count));
        }
    }
}
