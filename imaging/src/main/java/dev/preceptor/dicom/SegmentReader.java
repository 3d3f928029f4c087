package dev.preceptor.dicom;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads what a DICOM segmentation says of its segments. Stateless; errors are {@link IllegalArgumentException}s with the reason. */
final class SegmentReader {
    private static final CodedTerm UNCODED = new CodedTerm("", "", "no code");
    private static final int MAX_NUMBER = 255;

    private SegmentReader() {}

    static boolean isSegmentation(DataSet set) {
        return set.text(Tag.SOP_CLASS)
                .filter(uid -> uid.equals(SegmentationAttributes.SEGMENTATION_STORAGE)
                        || uid.equals(SegmentationAttributes.LABELMAP_STORAGE))
                .isPresent();
    }

    static SegmentationType type(DataSet set) {
        if (!isSegmentation(set)) {
            throw new IllegalArgumentException("is a DICOM file but no segmentation: its SOP class is "
                    + set.text(Tag.SOP_CLASS).orElse("missing"));
        }
        String type = set.text(Tag.SEGMENTATION_TYPE).orElse("missing");
        try {
            return SegmentationType.valueOf(type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "is a segmentation of type (0062,0001) " + type + ", not BINARY, FRACTIONAL or LABELMAP", e);
        }
    }

    /** The segments by their numbers, without the background of a label map. */
    static List<Segment> segments(DataSet set, SegmentationType type) {
        List<Segment> segments = new ArrayList<>();
        Set<Integer> numbers = new HashSet<>();
        for (DataSet item : set.items(Tag.SEGMENTS)) {
            int number = item.integer(Tag.SEGMENT_NUMBER).orElse(-1);
            boolean isBackground = type == SegmentationType.LABELMAP && number == 0;
            if (isBackground) {
                continue;
            }
            if (number < 1 || number > MAX_NUMBER || !numbers.add(number)) {
                throw new IllegalArgumentException("has a segment whose number (0062,0004) is " + number
                        + ", or two of it; numbers are 1 to " + MAX_NUMBER);
            }
            segments.add(new Segment(
                    number,
                    line(item, Tag.SEGMENT_LABEL),
                    line(item, Tag.SEGMENT_DESCRIPTION),
                    code(item, Tag.SEGMENTED_PROPERTY_CATEGORY),
                    code(item, Tag.SEGMENTED_PROPERTY_TYPE),
                    line(item, Tag.SEGMENT_ALGORITHM_TYPE),
                    item.item(Tag.SEGMENTATION_ALGORITHM_IDENTIFICATION)
                            .map(SegmentReader::algorithm)
                            .or(() -> item.text(Tag.SEGMENT_ALGORITHM_NAME)
                                    .map(name -> new SegmentationAlgorithm(name, "", "")))));
        }
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("describes no segment (0062,0002)");
        }
        segments.sort(Comparator.comparingInt(Segment::number));
        return List.copyOf(segments);
    }

    /** The pixel value of probability 1. */
    static int maximumOfProbability(DataSet set) {
        String kind = set.text(Tag.SEGMENTATION_FRACTIONAL_TYPE).orElse("missing");
        if (!kind.equals("PROBABILITY")) {
            throw new IllegalArgumentException(
                    "holds fractions of type (0062,0010) " + kind + ", not PROBABILITY; they are no probabilities");
        }
        int maximum = set.integer(Tag.MAXIMUM_FRACTIONAL_VALUE).orElse(0);
        if (maximum < 1 || maximum > MAX_NUMBER) {
            throw new IllegalArgumentException("does not state the value of probability 1 (0062,000E), 1 to 255");
        }
        return maximum;
    }

    private static CodedTerm code(DataSet item, Tag tag) {
        Optional<DataSet> code = item.item(tag);
        return code.map(term -> new CodedTerm(
                        line(term, Tag.CODE_VALUE), line(term, Tag.CODING_SCHEME), line(term, Tag.CODE_MEANING)))
                .orElse(UNCODED);
    }

    private static SegmentationAlgorithm algorithm(DataSet item) {
        return new SegmentationAlgorithm(
                line(item, Tag.ALGORITHM_NAME),
                line(item, Tag.ALGORITHM_VERSION),
                line(item, Tag.ALGORITHM_PARAMETERS));
    }

    /** A text as one line; control characters of a foreign file are no part of a message. */
    private static String line(DataSet item, Tag tag) {
        return String.join(" ", item.texts(tag)).replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
