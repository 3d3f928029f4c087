package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.VoxelRuns;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;

/**
 * A mask divided into numbered components: the lesions of a reference, or the components of a prediction. Adjacent voxels
 * of a row are always in the same component.
 *
 * @param mask the union of all components
 * @param numbers for each voxel of the grid the number of its component, from 1; 0 outside the mask
 * @param runs for each component, at its number less 1, the first voxel of each of its runs and the voxel after its last one, in ascending
 *     order; never empty
 * @param sizes for each component, at its number less 1, the number of its voxels
 * @param size of the grid
 */
record LabelledComponents(BitSet mask, int[] numbers, int[][] runs, int[] sizes, Size size) {

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
        VoxelRuns.forEach(dilated, size.x(), (start, end) -> {
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
        int[] runCounts = new int[count + 1];
        int[] numbers = new int[size.voxels()];
        VoxelRuns.forEach(mask, size.x(), (start, end) -> {
            int component = number.applyAsInt(start);
            Arrays.fill(numbers, start, end, component);
            sizes[component] += end - start;
            runCounts[component]++;
        });
        int[] renumbered = new int[count + 1];
        int remaining = 0;
        for (int component = 1; component <= count; component++) {
            renumbered[component] = sizes[component] == 0 ? 0 : ++remaining;
        }
        int[] remainingSizes = new int[remaining];
        int[][] runs = new int[remaining][];
        for (int component = 1; component <= count; component++) {
            if (sizes[component] > 0) {
                remainingSizes[renumbered[component] - 1] = sizes[component];
                runs[renumbered[component] - 1] = new int[2 * runCounts[component]];
            }
        }
        int[] filled = new int[remaining];
        VoxelRuns.forEach(mask, size.x(), (start, end) -> {
            int component = renumbered[numbers[start]] - 1;
            Arrays.fill(numbers, start, end, component + 1);
            runs[component][filled[component]++] = start;
            runs[component][filled[component]++] = end;
        });
        return new LabelledComponents(mask, numbers, runs, remainingSizes, size);
    }

    /** The number of components. */
    int count() {
        return runs.length;
    }

    /** The components of more than the given number of voxels. */
    LabelledComponents largerThan(int count) {
        BitSet large = (BitSet) mask.clone();
        for (int component = 0; component < count(); component++) {
            if (sizes[component] <= count) {
                for (int run = 0; run < runs[component].length; run += 2) {
                    large.clear(runs[component][run], runs[component][run + 1]);
                }
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
            int first = firstNeighbour(runs[component - 1], others);
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

    /** The runs of the components with the given numbers, one array each. */
    int[][] runs(BitSet numbersOfComponents) {
        return numbersOfComponents.stream().mapToObj(number -> runs[number - 1]).toArray(int[][]::new);
    }

    /** The numbers of the components within a number of dilation steps (18 neighbours) from the given runs. */
    BitSet near(int[] runs, int steps) {
        int[][] single = {runs};
        Box box = around(size, single).grown(steps).within(size);
        Size cropped = box.size();
        BitSet dilated = Morphology.dilated(crop(size, box, single), cropped, Connectivity.EDGES, steps);
        BitSet near = new BitSet();
        VoxelRuns.forEach(dilated, cropped.x(), (start, end) -> {
            int line = start / cropped.x();
            int from = size.index(
                    start - line * cropped.x() + box.x0(),
                    line % cropped.y() + box.y0(),
                    line / cropped.y() + box.z0());
            int before = 0;
            for (int i = from; i < from + end - start; i++) {
                if (numbers[i] != before) {
                    before = numbers[i];
                    near.set(before);
                }
            }
        });
        near.clear(0);
        return near;
    }

    /** The bounding box of the given runs, of which there is at least one. */
    static Box around(Size size, int[]... components) {
        int[] low = {size.x(), size.y(), size.z()};
        int[] high = {0, 0, 0};
        for (int[] component : components) {
            for (int run = 0; run < component.length; run += 2) {
                int line = component[run] / size.x();
                int y = line % size.y();
                int z = line / size.y();
                low[0] = Math.min(low[0], component[run] - line * size.x());
                high[0] = Math.max(high[0], component[run + 1] - line * size.x());
                low[1] = Math.min(low[1], y);
                high[1] = Math.max(high[1], y + 1);
                low[2] = Math.min(low[2], z);
                high[2] = Math.max(high[2], z + 1);
            }
        }
        return new Box(low[0], low[1], low[2], high[0], high[1], high[2]);
    }

    /** The given runs as a mask on the grid of a box that contains them. */
    static BitSet crop(Size size, Box box, int[]... components) {
        Size to = box.size();
        BitSet mask = new BitSet(to.voxels());
        for (int[] component : components) {
            for (int run = 0; run < component.length; run += 2) {
                int line = component[run] / size.x();
                int start = to.index(
                        component[run] - line * size.x() - box.x0(),
                        line % size.y() - box.y0(),
                        line / size.y() - box.z0());
                mask.set(start, start + component[run + 1] - component[run]);
            }
        }
        return mask;
    }
}
