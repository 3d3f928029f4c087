package dev.preceptor.dicom;

import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which class or region of a label space each segment is: by its code ({@link SegmentationCodes}) and by its label or description,
 * which must not contradict each other.
 *
 * @param regions the region of each segment by the segment's number; a class is a region of one class
 */
record SegmentMeanings(Map<Integer, Region> regions) {
    SegmentMeanings {
        regions = Collections.unmodifiableMap(new LinkedHashMap<>(regions));
    }

    /**
     * Finds the class or region of each segment.
     *
     * @param byNumber whether the values of the label space are the numbers of segments if neither codes nor texts of any segment
     *     are those of the space
     * @throws IllegalArgumentException with the reason, if a segment is nothing in the space, or its code and its text are
     *     different things
     */
    static SegmentMeanings of(List<Segment> segments, LabelSpace space, boolean byNumber) {
        List<Region> known = known(space);
        Map<Integer, Region> found = new LinkedHashMap<>();
        List<Segment> unknown = new ArrayList<>();
        for (Segment segment : segments) {
            find(segment, space, known)
                    .ifPresentOrElse(region -> found.put(segment.number(), region), () -> unknown.add(segment));
        }
        boolean hasNumbers =
                segments.stream().allMatch(segment -> space.values().containsKey(segment.number()));
        if (byNumber && found.isEmpty() && hasNumbers) {
            segments.forEach(
                    segment -> found.put(segment.number(), single(space.values().get(segment.number()))));
        } else if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(unknown.get(0) + " is by code and text no class or region of " + space
                    + "; say what the segments are by their numbers, for example --schema \""
                    + example(segments) + "\" (of predictions: --prediction-schema)");
        }
        return new SegmentMeanings(found);
    }

    /** Whether every segment is a class or region of the space. */
    static boolean isKnown(List<Segment> segments, LabelSpace space) {
        try {
            SegmentMeanings meanings = of(segments, space, false);
            meanings.requireClassesFollow(space);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String example(List<Segment> segments) {
        return segments.stream()
                .limit(4)
                .map(segment -> segment.number() + " NAME")
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static Region single(LabelClass labelClass) {
        return Region.of(labelClass.name(), labelClass);
    }

    /** The regions of a space, and its classes as regions. */
    private static List<Region> known(LabelSpace space) {
        List<Region> known = new ArrayList<>(space.regions());
        space.values().values().stream().distinct().map(SegmentMeanings::single).forEach(region -> {
            if (known.stream()
                    .noneMatch(other -> other.classes().equals(region.classes())
                            && other.name().equals(region.name()))) {
                known.add(region);
            }
        });
        return known;
    }

    private static Optional<Region> find(Segment segment, LabelSpace space, List<Region> known) {
        Map<Set<LabelClass>, Region> byText = new HashMap<>();
        Map<Set<LabelClass>, Region> byCode = new HashMap<>();
        for (Region region : known) {
            if (isNamed(segment, space, region)) {
                byText.putIfAbsent(region.classes(), region);
            }
            if (SegmentationCodes.isCodeOf(segment.type(), space, region)) {
                byCode.putIfAbsent(region.classes(), region);
            }
        }
        if (!byText.isEmpty() && !byCode.isEmpty()) {
            Region text = byText.values().iterator().next();
            byText.keySet().retainAll(byCode.keySet());
            if (byText.isEmpty()) {
                throw new IllegalArgumentException(segment + " is " + text + " by its text, but "
                        + byCode.values().iterator().next() + " by its code; correct one of them");
            }
        }
        Map<Set<LabelClass>, Region> both = byText.isEmpty() ? byCode : byText;
        if (both.size() > 1) {
            throw new IllegalArgumentException(
                    segment + " may be any of " + both.values() + " of " + space + "; give it the name of one of them");
        }
        return both.values().stream().findFirst();
    }

    private static boolean isNamed(Segment segment, LabelSpace space, Region region) {
        return List.of(segment.label(), segment.description()).stream()
                .anyMatch(text -> text.equalsIgnoreCase(region.name())
                        || text.equalsIgnoreCase(SegmentationCodes.label(space, region)));
    }

    /**
     * Checks that the class of a voxel follows from the segments that contain it.
     *
     * @throws IllegalArgumentException naming two classes that no segment tells apart
     */
    void requireClassesFollow(LabelSpace space) {
        Map<Set<Integer>, LabelClass> bySegments = new HashMap<>();
        for (LabelClass labelClass : space.classes()) {
            Set<Integer> containing = regions.entrySet().stream()
                    .filter(segment -> segment.getValue().classes().contains(labelClass))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
            LabelClass other = containing.isEmpty() ? null : bySegments.put(containing, labelClass);
            if (other != null) {
                throw new IllegalArgumentException("its segments do not tell " + other + " from " + labelClass + " of "
                        + space + ": it holds only " + regions.values());
            }
        }
    }

    /** The numbers of the segments, those of many classes first, so that what lies inside is written over what contains it. */
    List<Integer> outermostFirst() {
        return regions.entrySet().stream()
                .sorted((a, b) ->
                        b.getValue().classes().size() - a.getValue().classes().size())
                .map(Map.Entry::getKey)
                .toList();
    }
}
