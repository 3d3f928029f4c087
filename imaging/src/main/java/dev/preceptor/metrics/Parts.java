package dev.preceptor.metrics;

import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Morphology;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A mask told apart into numbered parts: the lesions of a reference, or the pieces of a prediction.
 *
 * @param numbers for each voxel the number of its part, from 1; 0 outside
 * @param places for each part, at its number less 1, the places of its voxels in ascending order; at least one each
 * @param size of the grid
 */
record Parts(int[] numbers, int[][] places, Size size) {

    /** The connected pieces of a mask, by all 26 neighbours. */
    static Parts pieces(BitSet mask, Size size) {
        ConnectedComponents components = ConnectedComponents.of(mask, size, Connectivity.CORNERS);
        int[] numbers = new int[size.voxels()];
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            numbers[i] = components.at(i);
        }
        return of(numbers, components.count(), size);
    }

    /**
     * The pieces that become one when each grows by so many steps of the 18 neighbours; their voxels as they were. They are
     * numbered as the official code does, in the order of the first grown voxel with the last axis fastest.
     */
    static Parts joined(BitSet mask, Size size, int steps) {
        BitSet grown = Morphology.dilated(mask, size, Connectivity.EDGES, steps);
        ConnectedComponents components = ConnectedComponents.of(grown, size, Connectivity.CORNERS);
        int[] first = new int[components.count() + 1];
        Arrays.fill(first, Integer.MAX_VALUE);
        for (int i = grown.nextSetBit(0); i >= 0; i = grown.nextSetBit(i + 1)) {
            int line = i / size.x();
            int place = ((i - line * size.x()) * size.y() + line % size.y()) * size.z() + line / size.y();
            first[components.at(i)] = Math.min(first[components.at(i)], place);
        }
        int[] sorted = Arrays.stream(first).sorted().toArray();
        int[] numbers = new int[size.voxels()];
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            numbers[i] = 1 + Arrays.binarySearch(sorted, first[components.at(i)]);
        }
        return of(numbers, components.count(), size);
    }

    /** @param count the largest number; those that do not occur are closed up, the order stays */
    private static Parts of(int[] numbers, int count, Size size) {
        int[] voxels = new int[count + 1];
        for (int number : numbers) {
            voxels[number]++;
        }
        int[] renumbered = new int[count + 1];
        int kept = 0;
        for (int number = 1; number <= count; number++) {
            renumbered[number] = voxels[number] == 0 ? 0 : ++kept;
        }
        int[][] places = new int[kept][];
        for (int number = 1; number <= count; number++) {
            if (voxels[number] > 0) {
                places[renumbered[number] - 1] = new int[voxels[number]];
            }
        }
        int[] filled = new int[kept];
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] > 0) {
                int part = renumbered[numbers[i]] - 1;
                numbers[i] = part + 1;
                places[part][filled[part]++] = i;
            }
        }
        return new Parts(numbers, places, size);
    }

    /** How many parts there are. */
    int count() {
        return places.length;
    }

    /** The parts of more than so many voxels. */
    Parts largerThan(int voxels) {
        int[] kept = numbers.clone();
        for (int[] part : places) {
            if (part.length <= voxels) {
                Arrays.stream(part).forEach(i -> kept[i] = 0);
            }
        }
        return of(kept, count(), size);
    }

    /**
     * Makes one of those parts whose first neighbour among the parts of another mask is the same; parts are neighbours where
     * voxels share at least an edge. Parts without a neighbour stay as they are.
     */
    Parts joinedAlong(Parts others) {
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
        int[] merged = new int[numbers.length];
        for (int i = 0; i < merged.length; i++) {
            merged[i] = joined[numbers[i]];
        }
        return of(merged, count(), size);
    }

    private static int firstNeighbour(int[] part, Parts others) {
        int first = Integer.MAX_VALUE;
        Neighbourhood around = new Neighbourhood(part, others.size, 1);
        for (int i = around.next(0); i >= 0; i = around.next(i + 1)) {
            int number = others.numbers[around.place(i)];
            if (number > 0) {
                first = Math.min(first, number);
            }
        }
        return first == Integer.MAX_VALUE ? 0 : first;
    }

    /** The mask of these parts. */
    BitSet mask() {
        BitSet mask = new BitSet(numbers.length);
        for (int[] part : places) {
            Arrays.stream(part).forEach(mask::set);
        }
        return mask;
    }

    /** The mask of the parts with these numbers. */
    BitSet mask(BitSet parts) {
        BitSet mask = new BitSet(numbers.length);
        parts.stream().forEach(part -> Arrays.stream(places[part - 1]).forEach(mask::set));
        return mask;
    }

    /** The numbers of the parts that lie within so many steps of the 18 neighbours from some voxels. */
    BitSet near(int[] voxels, int steps) {
        BitSet near = new BitSet();
        Neighbourhood around = new Neighbourhood(voxels, size, steps);
        for (int i = around.next(0); i >= 0; i = around.next(i + 1)) {
            int number = numbers[around.place(i)];
            if (number > 0) {
                near.set(number);
            }
        }
        return near;
    }
}
