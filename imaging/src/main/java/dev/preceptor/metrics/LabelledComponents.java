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
 * A mask told apart into numbered parts: the lesions of a reference, or the pieces of a prediction. Voxels that follow each other
 * in a row are of one part.
 *
 * @param mask of all parts
 * @param numbers for each voxel the number of its part, from 1; 0 outside
 * @param places for each part, at its number less 1, the places of its voxels in ascending order; at least one each
 * @param size of the grid
 */
record LabelledComponents(BitSet mask, int[] numbers, int[][] places, Size size) {

    /** The connected pieces of a mask, by all 26 neighbours. */
    static LabelledComponents pieces(BitSet mask, Size size) {
        ConnectedComponents components = ConnectedComponents.of(mask, size, Connectivity.CORNERS);
        return of(mask, components::at, components.count(), size);
    }

    /**
     * The pieces that become one when each grows by so many steps of the 18 neighbours; their voxels as they were. They are
     * numbered as the official code does, in the order of the first grown voxel with the last axis fastest.
     */
    static LabelledComponents joined(BitSet mask, Size size, int steps) {
        BitSet grown = Morphology.dilated(mask, size, Connectivity.EDGES, steps);
        ConnectedComponents components = ConnectedComponents.of(grown, size, Connectivity.CORNERS);
        int[] first = new int[components.count() + 1];
        Arrays.fill(first, Integer.MAX_VALUE);
        forEachRun(grown, 0, size.voxels(), size.x(), (start, end) -> {
            int line = start / size.x();
            int place = ((start - line * size.x()) * size.y() + line % size.y()) * size.z() + line / size.y();
            first[components.at(start)] = Math.min(first[components.at(start)], place);
        });
        int[] sorted = Arrays.stream(first).sorted().toArray();
        return of(
                mask, voxel -> 1 + Arrays.binarySearch(sorted, first[components.at(voxel)]), components.count(), size);
    }

    /**
     * @param number of the part of a voxel; one for a run of voxels within a row
     * @param count the largest number; those that do not occur are closed up, the order stays
     */
    private static LabelledComponents of(BitSet mask, IntUnaryOperator number, int count, Size size) {
        int[] voxels = new int[count + 1];
        int[] numbers = new int[size.voxels()];
        forEachRun(mask, 0, size.voxels(), size.x(), (start, end) -> {
            int part = number.applyAsInt(start);
            Arrays.fill(numbers, start, end, part);
            voxels[part] += end - start;
        });
        int[] renumbered = new int[count + 1];
        int kept = 0;
        for (int part = 1; part <= count; part++) {
            renumbered[part] = voxels[part] == 0 ? 0 : ++kept;
        }
        int[][] places = new int[kept][];
        for (int part = 1; part <= count; part++) {
            if (voxels[part] > 0) {
                places[renumbered[part] - 1] = new int[voxels[part]];
            }
        }
        int[] filled = new int[kept];
        forEachRun(mask, 0, size.voxels(), size.x(), (start, end) -> {
            int part = renumbered[numbers[start]] - 1;
            for (int i = start; i < end; i++) {
                numbers[i] = part + 1;
                places[part][filled[part]++] = i;
            }
        });
        return new LabelledComponents(mask, numbers, places, size);
    }

    /** Takes a run of voxels that ends before {@code end}. */
    @FunctionalInterface
    interface Run {
        void of(int start, int end);
    }

    /** The runs of a mask between two places, none longer than a row. */
    static void forEachRun(BitSet mask, int from, int to, int row, Run visit) {
        int end;
        for (int start = mask.nextSetBit(from); start >= 0 && start < to; start = mask.nextSetBit(end)) {
            end = Math.min(Math.min(mask.nextClearBit(start), to), (start / row + 1) * row);
            visit.of(start, end);
        }
    }

    /** How many parts there are. */
    int count() {
        return places.length;
    }

    /** The parts of more than so many voxels. */
    LabelledComponents largerThan(int voxels) {
        BitSet kept = (BitSet) mask.clone();
        for (int[] part : places) {
            if (part.length <= voxels) {
                Arrays.stream(part).forEach(kept::clear);
            }
        }
        return of(kept, voxel -> numbers[voxel], count(), size);
    }

    /**
     * Makes one of those parts whose first neighbour among the parts of another mask is the same; parts are neighbours where
     * voxels share at least an edge. Parts without a neighbour stay as they are.
     */
    LabelledComponents joinedAlong(LabelledComponents others) {
        int[] joined = new int[count() + 1];
        int[] byNeighbour = new int[others.count() + 1];
        for (int part = 1; part <= count(); part++) {
            int first = firstNeighbour(places[part - 1], others);
            joined[part] = part;
            if (first > 0) {
                byNeighbour[first] = byNeighbour[first] == 0 ? part : byNeighbour[first];
                joined[part] = byNeighbour[first];
            }
        }
        return of(mask, voxel -> joined[numbers[voxel]], count(), size);
    }

    private static int firstNeighbour(int[] part, LabelledComponents others) {
        int first = others.near(part, 1).nextSetBit(0);
        return Math.max(first, 0);
    }

    /** The voxels of the parts with these numbers, one array a part. */
    int[][] places(BitSet parts) {
        return parts.stream().mapToObj(part -> places[part - 1]).toArray(int[][]::new);
    }

    /** The numbers of the parts that lie within so many steps of the 18 neighbours from some voxels. */
    BitSet near(int[] voxels, int steps) {
        int[][] one = {voxels};
        Box box = around(size, one).grown(steps).within(size);
        Size small = box.size();
        BitSet grown = Morphology.dilated(cut(size, box, one), small, Connectivity.EDGES, steps);
        BitSet near = new BitSet();
        forEachRun(grown, 0, small.voxels(), small.x(), (start, end) -> {
            int line = start / small.x();
            int place = size.index(
                    start - line * small.x() + box.x0(), line % small.y() + box.y0(), line / small.y() + box.z0());
            forEachRun(mask, place, place + end - start, size.x(), (first, last) -> near.set(numbers[first]));
        });
        return near;
    }

    /** The smallest box around some voxels, at least one. */
    static Box around(Size size, int[]... parts) {
        int[] low = {size.x(), size.y(), size.z()};
        int[] high = {0, 0, 0};
        for (int[] part : parts) {
            for (int voxel : part) {
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

    /** Some voxels as a mask on the grid of a box that holds them. */
    static BitSet cut(Size size, Box box, int[]... parts) {
        Size to = box.size();
        BitSet mask = new BitSet(to.voxels());
        for (int[] part : parts) {
            for (int voxel : part) {
                int line = voxel / size.x();
                mask.set(to.index(
                        voxel - line * size.x() - box.x0(), line % size.y() - box.y0(), line / size.y() - box.z0()));
            }
        }
        return mask;
    }
}
