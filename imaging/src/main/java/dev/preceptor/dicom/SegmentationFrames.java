package dev.preceptor.dicom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The frames of a DICOM segmentation.
 *
 * @param plane of all frames
 * @param frames in the order of the file
 * @param pixels of the frames
 * @param statedGap the distance of neighbouring slices in mm, 0 if the file does not state it
 * @param thickness of a slice in mm, 0 if the file does not state it
 */
record SegmentationFrames(
        FramePlane plane, List<Frame> frames, FramePixels pixels, double statedGap, double thickness) {
    private static final double SAME_DIRECTION = 1e-3;
    /** Positions that differ by less are one, in mm. */
    private static final double SAME_PLACE = 1e-3;

    private static final double LARGEST = 1e5;

    /**
     * A frame.
     *
     * @param segment the number of its segment; 0 in a label map, whose pixels are numbers of segments
     * @param position of the first pixel in LPS+ millimetres
     */
    record Frame(int segment, double[] position) {}

    /**
     * Reads the frames of a segmentation.
     *
     * @throws IllegalArgumentException with the reason, if something is missing or contradictory
     */
    static SegmentationFrames of(DicomFile file, SegmentationType type) {
        DataSet set = file.dataSet();
        int rows = positive(set, Tag.ROWS, "rows (0028,0010)");
        int columns = positive(set, Tag.COLUMNS, "columns (0028,0011)");
        List<DataSet> perFrame = set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS);
        if (perFrame.isEmpty()) {
            throw new IllegalArgumentException("has no functional groups of its frames (5200,9230)");
        }
        int stated = set.integer(Tag.NUMBER_OF_FRAMES).orElse(perFrame.size());
        if (stated != perFrame.size()) {
            throw new IllegalArgumentException(
                    "states " + stated + " frames (0028,0008) but describes " + perFrame.size());
        }
        DataSet shared =
                set.item(Tag.SHARED_FUNCTIONAL_GROUPS).orElse(DataSet.builder().build());
        List<Frame> frames = new ArrayList<>();
        Set<String> places = new HashSet<>();
        for (DataSet frame : perFrame) {
            int segment = type == SegmentationType.LABELMAP
                    ? 0
                    : group(frame, shared, Tag.SEGMENT_IDENTIFICATION)
                            .map(group ->
                                    group.integer(Tag.REFERENCED_SEGMENT_NUMBER).orElse(-1))
                            .filter(number -> number > 0)
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "has a frame without the number of its segment (0062,000B)"));
            double[] position = group(frame, shared, Tag.PLANE_POSITION)
                    .map(group -> group.decimals(Tag.IMAGE_POSITION))
                    .orElse(new double[0]);
            if (position.length != 3 || !Arrays.stream(position).allMatch(mm -> Math.abs(mm) <= LARGEST)) {
                throw new IllegalArgumentException("has a frame without a position (0020,0032)");
            }
            String place = Arrays.toString(Arrays.stream(position)
                    .mapToLong(mm -> Math.round(mm / SAME_PLACE))
                    .toArray());
            if (!places.add(segment + place)) {
                throw new IllegalArgumentException("has two frames of segment " + segment + " at one position");
            }
            frames.add(new Frame(segment, position));
        }
        double[] orientation = orientation(perFrame, shared);
        DataSet measures = group(perFrame.get(0), shared, Tag.PIXEL_MEASURES)
                .orElseThrow(() -> new IllegalArgumentException("has no pixel measures (0028,9110)"));
        double[] spacing = measures.decimals(Tag.PIXEL_SPACING);
        if (spacing.length != 2) {
            throw new IllegalArgumentException("has no pixel spacing (0028,0030)");
        }
        FramePlane plane = new FramePlane(orientation, spacing[0], spacing[1], rows, columns);
        FramePixels pixels = FramePixels.of(file, type, rows, columns, frames.size());
        return new SegmentationFrames(
                plane,
                frames,
                pixels,
                first(measures, Tag.SPACING_BETWEEN_SLICES),
                first(measures, Tag.SLICE_THICKNESS));
    }

    private static double[] orientation(List<DataSet> perFrame, DataSet shared) {
        double[] common = null;
        for (DataSet frame : perFrame) {
            double[] own = group(frame, shared, Tag.PLANE_ORIENTATION)
                    .map(group -> group.decimals(Tag.IMAGE_ORIENTATION))
                    .orElse(new double[0]);
            if (common != null && own.length == common.length) {
                for (int i = 0; i < own.length; i++) {
                    if (!(Math.abs(own[i] - common[i]) <= SAME_DIRECTION)) {
                        throw new IllegalArgumentException("has frames of different orientation (0020,0037)");
                    }
                }
            }
            common = common == null ? own : common;
        }
        return common;
    }

    private static Optional<DataSet> group(DataSet frame, DataSet shared, Tag tag) {
        return frame.item(tag).or(() -> shared.item(tag));
    }

    private static double first(DataSet measures, Tag tag) {
        double[] numbers = measures.decimals(tag);
        return numbers.length > 0 && numbers[0] > 0 && numbers[0] < LARGEST ? numbers[0] : 0;
    }

    private static int positive(DataSet set, Tag tag, String what) {
        int number = set.integer(tag).orElse(0);
        if (number < 1) {
            throw new IllegalArgumentException("does not state its number of " + what);
        }
        return number;
    }
}
