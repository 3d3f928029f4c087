package dev.preceptor.volume;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The connected pieces of a mask, numbered from 1 in the order of their first voxel. Time and memory are linear in the
 * voxels of the grid: crop first where the mask is small.
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
        int[] labels = new int[size.voxels()];
        int[] sizes = new int[8];
        int[] stack = new int[1024];
        int count = 0;
        for (int seed = mask.nextSetBit(0); seed >= 0; seed = mask.nextSetBit(seed + 1)) {
            if (labels[seed] != 0) {
                continue;
            }
            count++;
            Fill fill = new Fill(mask, labels, count, stack);
            fill.push(seed);
            while (fill.height > 0) {
                connectivity.forEachNeighbour(size, fill.stack[--fill.height], fill::push);
            }
            stack = fill.stack;
            if (count > sizes.length) {
                sizes = Arrays.copyOf(sizes, 2 * sizes.length);
            }
            sizes[count - 1] = fill.filled;
        }
        return new ConnectedComponents(labels, Arrays.copyOf(sizes, count));
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

    private static final class Fill {
        private final BitSet mask;
        private final int[] labels;
        private final int label;
        private int[] stack;
        private int height;
        private int filled;

        Fill(BitSet mask, int[] labels, int label, int[] stack) {
            this.mask = mask;
            this.labels = labels;
            this.label = label;
            this.stack = stack;
        }

        void push(int index) {
            if (labels[index] == 0 && mask.get(index)) {
                labels[index] = label;
                filled++;
                if (height == stack.length) {
                    stack = Arrays.copyOf(stack, 2 * height);
                }
                stack[height++] = index;
            }
        }
    }
}
