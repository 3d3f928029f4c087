package dev.preceptor.dicom;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Writes segments into a label map. A voxel gets the class that belongs to exactly the segments at it; where there is none, of segments
 * that contain each other the innermost decides, and others must not overlap.
 */
final class SegmentedLabels {
    private static final int MOST_SETS = Character.MAX_VALUE;

    private final LabelSpace space;
    private final SegmentMeanings meanings;
    private final Map<Integer, Segment> segments = new HashMap<>();
    private final Grid grid;
    private final boolean isLabelMap;

    SegmentedLabels(LabelSpace space, SegmentMeanings meanings, List<Segment> segments, Grid grid, boolean isLabelMap) {
        this.space = space;
        this.meanings = meanings;
        segments.forEach(segment -> this.segments.put(segment.number(), segment));
        this.grid = grid;
        this.isLabelMap = isLabelMap;
    }

    /**
     * The labels.
     *
     * @param pixels gives the pixels on a grid that are not 0 to a consumer
     * @throws IllegalArgumentException if segments overlap and no class is that of the overlap, or a frame is of none of the segments
     */
    LabelMap of(BiConsumer<Grid, DicomSegmentation.PixelConsumer> pixels) {
        List<Integer> order = meanings.outermostFirst();
        int[] place = new int[256];
        Arrays.fill(place, -1);
        order.forEach(number -> place[number] = order.indexOf(number));
        Sets sets = new Sets(order.size());
        char[] setAt = new char[grid.size().voxels()];
        pixels.accept(grid, (frameSegment, voxel, value) -> {
            int number = isLabelMap ? value : frameSegment;
            int own = number >= 0 && number < place.length ? place[number] : -1;
            if (own < 0) {
                throw new IllegalArgumentException("has voxels of segment " + number + ", which it does not describe");
            }
            setAt[voxel] = (char) sets.with(setAt[voxel], own);
        });
        byte[] values = new byte[sets.count()];
        byte[] labels = new byte[setAt.length];
        for (int i = 0; i < labels.length; i++) {
            int set = setAt[i];
            if (set > 0 && values[set] == 0) {
                values[set] =
                        value(sets.members(set).stream().mapToObj(order::get).toList());
            }
            labels[i] = values[set];
        }
        return new LabelMap(grid, labels, space);
    }

    /** The sets of segments that occur at a voxel, numbered as they occur; 0 is the empty one. */
    private static final class Sets {
        private final int places;
        private final List<BitSet> sets = new ArrayList<>();
        private final List<int[]> next = new ArrayList<>();
        private final Map<BitSet, Integer> numbers = new HashMap<>();

        Sets(int places) {
            this.places = places;
            number(new BitSet());
        }

        int count() {
            return sets.size();
        }

        BitSet members(int set) {
            return sets.get(set);
        }

        /** The set with one segment more. */
        int with(int set, int place) {
            int[] known = next.get(set);
            if (known[place] < 0) {
                BitSet more = (BitSet) sets.get(set).clone();
                more.set(place);
                known[place] = number(more);
            }
            return known[place];
        }

        private int number(BitSet set) {
            Integer known = numbers.get(set);
            if (known != null) {
                return known;
            }
            if (sets.size() > MOST_SETS) {
                throw new IllegalArgumentException("has segments that overlap in more than " + MOST_SETS + " ways");
            }
            numbers.put(set, sets.size());
            sets.add(set);
            int[] unknown = new int[places];
            Arrays.fill(unknown, -1);
            next.add(unknown);
            return sets.size() - 1;
        }
    }

    /**
     * The value of a voxel.
     *
     * @param numbers of all segments at it, the outermost first
     */
    private byte value(List<Integer> numbers) {
        LabelClass labelClass = exact(numbers).orElseGet(() -> {
            requireNested(numbers);
            return region(numbers.get(numbers.size() - 1)).writtenAs();
        });
        return space.valueOf(labelClass)
                .orElseThrow(() -> new IllegalArgumentException(
                        "has voxels of class " + labelClass + ", of which " + space + " has no value"))
                .byteValue();
    }

    private Optional<LabelClass> exact(List<Integer> numbers) {
        return space.classes().stream()
                .filter(one -> segments.keySet().stream()
                        .allMatch(number -> numbers.contains(number)
                                == region(number).classes().contains(one)))
                .findFirst();
    }

    private void requireNested(List<Integer> numbers) {
        for (int inner = 1; inner < numbers.size(); inner++) {
            for (Integer outer : numbers.subList(0, inner)) {
                Region first = region(outer);
                Region second = region(numbers.get(inner));
                if (!first.classes().containsAll(second.classes())) {
                    throw new IllegalArgumentException(segments.get(outer) + " and "
                            + segments.get(numbers.get(inner)) + " overlap, but "
                            + (Collections.disjoint(first.classes(), second.classes())
                                    ? first + " and " + second + " exclude each other"
                                    : "no class of " + space.name() + " belongs to exactly " + names(numbers)));
                }
            }
        }
    }

    private String names(List<Integer> numbers) {
        return numbers.stream().map(number -> region(number).name()).collect(Collectors.joining(" and "));
    }

    private Region region(int number) {
        return meanings.regions().get(number);
    }
}
