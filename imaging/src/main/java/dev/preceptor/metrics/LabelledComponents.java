package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;

/**
 * A mask divided into numbered components: the lesions of a reference, or the components of a prediction. Adjacent voxels
 * of a row are always in the same component.
 *
 * @param mask the union of all components
 * @param numbers for each voxel of the grid the number of its component, from 1; 0 outside the mask
 * @param voxels for each component, at its number less 1, the indices of its voxels in ascending order; never empty
 * @param size of the grid
 */
record LabelledComponents(BitSet mask, int[] numbers, int[][] voxels, Size size) {

    /** The connected components of a mask (26 neighbours). */
    static LabelledComponents connected(BitSet mask, Size size) {
        ConnectedComponents components = ConnectedComponents.of(mask, size, Connectivity.CORNERS);
        return of(mask, components::at, components.count(), size);
    }

    /**
     * The components of a mask that become connected when the mask is dilated by a number of steps (18 neighbours), with
     * their original voxels. They are numbered as the official code does, in the order of the first dilated voxel with the
     * last axis fastest.
     */
    static LabelledComponents merged(BitSet mask, Size size, int steps) {
        BitSet dilated = Morphology.dilated(mask, size, Connectivity.EDGES, steps);
        ConnectedComponents components = ConnectedComponents.of(dilated, size, Connectivity.CORNERS);
        int[] first = new int[components.count() + 1];
        Arrays.fill(first, Integer.MAX_VALUE);
        forEachRun(dilated, 0, size.voxels(), size.x(), (start, end) -> {
            int line = start / size.x();
            int order = ((start - line * size.x()) * size.y() + line % size.y()) * size.z() + line / size.y();
            first[components.at(start)] = Math.min(first[components.at(start)], order);
        });
        int[] sorted = Arrays.stream(first).sorted().toArray();
        return of(
                mask, voxel -> 1 + Arrays.binarySearch(sorted, first[components.at(voxel)]), components.count(), size);
    }

    /**
     * @param number the component of a voxel, which is constant within a run of a row
     * @param count the largest number; numbers that do not occur are closed up in order
     */
    private static LabelledComponents of(BitSet mask, IntUnaryOperator number, int count, Size size) {
        int[] sizes = new int[count + 1];
        int[] numbers = new int[size.voxels()];
        forEachRun(mask, 0, size.voxels(), size.x(), (start, end) -> {
            int component = number.applyAsInt(start);
            Arrays.fill(numbers, start, end, component);
            sizes[component] += end - start;
        });
        int[] renumbered = new int[count + 1];
        int remaining = 0;
        for (int component = 1; component <= count; component++) {
            renumbered[component] = sizes[component] == 0 ? 0 : ++remaining;
        }
        int[][] voxels = new int[remaining][];
        for (int component = 1; component <= count; component++) {
            if (sizes[component] > 0) {
                voxels[renumbered[component] - 1] = new int[sizes[component]];
            }
        }
        int[] filled = new int[remaining];
        forEachRun(mask, 0, size.voxels(), size.x(), (start, end) -> {
            int component = renumbered[numbers[start]] - 1;
            for (int i = start; i < end; i++) {
                numbers[i] = component + 1;
                voxels[component][filled[component]++] = i;
            }
        });
        return new LabelledComponents(mask, numbers, voxels, size);
    }

    /** Receives a run of voxels that ends before {@code end}. */
    @FunctionalInterface
    interface Run {
        void of(int start, int end);
    }

    /** Visits the runs of a mask between two voxel indices; no run crosses the end of a row. */
    static void forEachRun(BitSet mask, int from, int to, int row, Run visitor) {
        int end;
        for (int start = mask.nextSetBit(from); start >= 0 && start < to; start = mask.nextSetBit(end)) {
            end = Math.min(Math.min(mask.nextClearBit(start), to), (start / row + 1) * row);
            visitor.of(start, end);
        }
    }

    /** The number of components. */
    int count() {
        return voxels.length;
    }

    /** The components of more than the given number of voxels. */
    LabelledComponents largerThan(int count) {
        BitSet large = (BitSet) mask.clone();
        for (int[] component : voxels) {
            if (component.length <= count) {
                Arrays.stream(component).forEach(large::clear);
            }
        }
        return of(large, voxel -> numbers[voxel], count(), size);
    }

    /**
     * Merges the components that share the same first neighbour among the components of another mask. Components are
     * neighbours if two of their voxels share at least an edge; those without a neighbour stay separate.
     */
    LabelledComponents mergedAlong(LabelledComponents others) {
        int[] merged = new int[count() + 1];
        int[] byNeighbour = new int[others.count() + 1];
        for (int component = 1; component <= count(); component++) {
            int first = firstNeighbour(voxels[component - 1], others);
            merged[component] = component;
            if (first > 0) {
                byNeighbour[first] = byNeighbour[first] == 0 ? component : byNeighbour[first];
                merged[component] = byNeighbour[first];
            }
        }
        return of(mask, voxel -> merged[numbers[voxel]], count(), size);
    }

    private static int firstNeighbour(int[] component, LabelledComponents others) {
        return Math.max(others.near(component, 1).nextSetBit(0), 0);
    }

    /** The voxels of the components with the given numbers, one array each. */
    int[][] voxels(BitSet numbersOfComponents) {
        return numbersOfComponents.stream()
                .mapToObj(number -> voxels[number - 1])
                .toArray(int[][]::new);
    }

    /** The numbers of the components within a number of dilation steps (18 neighbours) from the given voxels. */
    BitSet near(int[] voxels, int steps) {
        int[][] single = {voxels};
        Box box = around(size, single).grown(steps).within(size);
        Size cropped = box.size();
        BitSet dilated = Morphology.dilated(crop(size, box, single), cropped, Connectivity.EDGES, steps);
        BitSet near = new BitSet();
        forEachRun(dilated, 0, cropped.voxels(), cropped.x(), (start, end) -> {
            int line = start / cropped.x();
            int from = size.index(
                    start - line * cropped.x() + box.x0(),
                    line % cropped.y() + box.y0(),
                    line / cropped.y() + box.z0());
            forEachRun(mask, from, from + end - start, size.x(), (first, last) -> near.set(numbers[first]));
        });
        return near;
    }

    /** The bounding box of the given voxels, of which there is at least one. */
    static Box around(Size size, int[]... components) {
        int[] low = {size.x(), size.y(), size.z()};
        int[] high = {0, 0, 0};
        for (int[] component : components) {
            for (int voxel : component) {
                int line = voxel / size.x();
                int[] at = {voxel - line * size.x(), line % size.y(), line / size.y()};
                for (int axis = 0; axis < 3; axis++) {
                    low[axis] = Math.min(low[axis], at[axis]);
                    high[axis] = Math.max(high[axis], at[axis]);
                }
            }
        }
        return new Box(low[0], low[1], low[2], high[0] + 1, high[1] + 1, high[2] + 1);
    }

    /** The given voxels as a mask on the grid of a box that contains them. */
    static BitSet crop(Size size, Box box, int[]... components) {
        Size to = box.size();
        BitSet mask = new BitSet(to.voxels());
        for (int[] component : components) {
            for (int voxel : component) {
                int line = voxel / size.x();
                mask.set(to.index(
                        voxel - line * size.x() - box.x0(), line % size.y() - box.y0(), line / size.y() - box.z0()));
            }
        }
        return mask;
    }
}
