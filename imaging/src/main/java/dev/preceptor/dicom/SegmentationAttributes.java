package dev.preceptor.dicom;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The attributes of a segmentation (PS3.3 A.51 and, for label maps, C.8.20): patient and study of its source, segments, frames. */
final class SegmentationAttributes {
    static final String SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4";
    static final String LABELMAP_STORAGE = "1.2.840.10008.5.1.4.1.1.66.7";
    private static final int MAX_LONG_STRING = 64;
    private static final String UNICODE = "ISO_IR 192";

    /** Patient, study and frame of reference, which a segmentation shares with its source. */
    private static final Tag[] COPIED = {
        Tag.CHARACTER_SET,
        Tag.STUDY_DATE,
        Tag.STUDY_TIME,
        Tag.ACCESSION_NUMBER,
        Tag.REFERRING_PHYSICIAN,
        Tag.STUDY_DESCRIPTION,
        Tag.PATIENT_NAME,
        Tag.PATIENT_ID,
        Tag.PATIENT_BIRTH_DATE,
        Tag.PATIENT_SEX,
        Tag.STUDY_INSTANCE,
        Tag.STUDY_ID,
        Tag.FRAME_OF_REFERENCE,
        Tag.POSITION_REFERENCE
    };

    /** Of type 2: they have to be there, if only empty. */
    private static final Tag[] REQUIRED = {
        Tag.STUDY_DATE,
        Tag.STUDY_TIME,
        Tag.ACCESSION_NUMBER,
        Tag.REFERRING_PHYSICIAN,
        Tag.PATIENT_NAME,
        Tag.PATIENT_ID,
        Tag.PATIENT_BIRTH_DATE,
        Tag.PATIENT_SEX,
        Tag.STUDY_ID
    };

    private static final CodedTerm SOURCE_IMAGE =
            new CodedTerm("121322", "DCM", "Source image for image processing operation");
    private static final CodedTerm SEGMENTATION = new CodedTerm("113076", "DCM", "Segmentation");
    /** Of the segments in their order, then again: those of WT, TC and ET in reports, then others of even lightness. */
    private static final int[] COLOURS = {0xf5d547, 0x4fb3f6, 0xff6f91, 0xffa94d, 0x8ce99a, 0xc9a0ff};

    private final List<Segment> segments;
    private final EncodedFrames frames;
    private final List<DicomProvenance.Slice> slices;
    private final DicomProvenance source;
    private final SegmentationAlgorithm algorithm;
    private final SegmentationUids uids;

    /** @param slices in the order of the slices of the frames */
    SegmentationAttributes(
            List<Segment> segments,
            EncodedFrames frames,
            List<DicomProvenance.Slice> slices,
            DicomProvenance source,
            SegmentationAlgorithm algorithm) {
        this.segments = segments;
        this.frames = frames;
        this.slices = slices;
        this.source = source;
        this.algorithm = algorithm;
        this.uids = SegmentationUids.of(segments, frames, slices, source, algorithm);
    }

    private boolean isLabelMap() {
        return frames.type() == SegmentationType.LABELMAP;
    }

    DataSet dataSet(Clock clock) {
        DataSetBuilder set = DataSet.builder();
        set.copy(source.header(), COPIED);
        for (Tag tag : REQUIRED) {
            if (!source.header().contains(tag)) {
                set.text(tag, "");
            }
        }
        if (source.header().contains(Tag.FRAME_OF_REFERENCE) && !source.header().contains(Tag.POSITION_REFERENCE)) {
            set.text(Tag.POSITION_REFERENCE, "");
        }
        addSeries(set, clock);
        addImage(set);
        set.items(Tag.REFERENCED_SERIES, references());
        String organisation = uids.of("dimensions");
        set.items(
                Tag.DIMENSION_ORGANIZATIONS,
                DataSet.builder()
                        .text(Tag.DIMENSION_ORGANIZATION_UID, organisation)
                        .build());
        set.items(Tag.DIMENSION_INDICES, dimensions(organisation));
        List<DataSet> items = new ArrayList<>();
        if (isLabelMap()) {
            items.add(background());
        }
        segments.forEach(segment -> items.add(item(segment)));
        set.items(Tag.SEGMENTS, items);
        set.items(Tag.SHARED_FUNCTIONAL_GROUPS, sharedGroups());
        set.items(
                Tag.PER_FRAME_FUNCTIONAL_GROUPS,
                frames.frames().stream().map(this::frameGroups).toList());
        frames.writeTo(set);
        return set.build();
    }

    private void addSeries(DataSetBuilder set, Clock clock) {
        LocalDateTime now = LocalDateTime.now(clock);
        String date = now.format(DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT));
        String time = now.format(DateTimeFormatter.ofPattern("HHmmss", Locale.ROOT));
        set.text(Tag.SOP_CLASS, isLabelMap() ? LABELMAP_STORAGE : SEGMENTATION_STORAGE)
                .text(Tag.SOP_INSTANCE, uids.of("instance"))
                .text(Tag.CONTENT_DATE, date)
                .text(Tag.CONTENT_TIME, time)
                .text(Tag.MODALITY, "SEG")
                .text(Tag.MANUFACTURER, "Preceptor")
                .text(Tag.SERIES_DESCRIPTION, "Preceptor " + frames.type())
                .text(Tag.MANUFACTURER_MODEL, "Preceptor")
                .text(Tag.DEVICE_SERIAL_NUMBER, "none")
                .text(Tag.SOFTWARE_VERSIONS, cut(algorithm.version()))
                .text(Tag.SERIES_INSTANCE, uids.of("series"))
                .text(Tag.SERIES_NUMBER, "1000")
                .text(Tag.INSTANCE_NUMBER, "1");
        if (!source.header().contains(Tag.CHARACTER_SET)) {
            set.text(Tag.CHARACTER_SET, UNICODE);
        }
    }

    private void addImage(DataSetBuilder set) {
        boolean isBinary = frames.type() == SegmentationType.BINARY;
        set.text(Tag.IMAGE_TYPE, "DERIVED", "PRIMARY")
                .integers(Tag.SAMPLES_PER_PIXEL, 1)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
                .text(Tag.NUMBER_OF_FRAMES, Integer.toString(frames.frames().size()))
                .integers(Tag.ROWS, frames.rows())
                .integers(Tag.COLUMNS, frames.columns())
                .integers(Tag.BITS_ALLOCATED, isBinary ? 1 : 8)
                .integers(Tag.BITS_STORED, isBinary ? 1 : 8)
                .integers(Tag.HIGH_BIT, isBinary ? 0 : 7)
                .integers(Tag.PIXEL_REPRESENTATION, 0)
                .text(Tag.LOSSY_COMPRESSION, "00")
                .text(Tag.SEGMENTATION_TYPE, frames.type().name())
                .text(Tag.CONTENT_LABEL, "SEGMENTATION")
                .text(Tag.CONTENT_DESCRIPTION, "")
                .text(Tag.CONTENT_CREATOR, "Preceptor");
        switch (frames.type()) {
            case FRACTIONAL ->
                set.text(Tag.SEGMENTATION_FRACTIONAL_TYPE, "PROBABILITY")
                        .integers(Tag.MAXIMUM_FRACTIONAL_VALUE, SegmentationEncoder.MAX_FRACTION);
            case LABELMAP ->
                set.text(Tag.SEGMENTS_OVERLAP, "NO")
                        .integers(Tag.PIXEL_PADDING_VALUE, 0)
                        .text(Tag.DIMENSION_ORGANIZATION_TYPE, "3D");
            case BINARY -> set.text(Tag.SEGMENTS_OVERLAP, "NO");
        }
    }

    /** The instances of the source, each once. */
    private DataSet references() {
        Map<String, DataSet> instances = new LinkedHashMap<>();
        slices.forEach(slice -> instances.computeIfAbsent(
                slice.sopInstance(), uid -> reference(slice).build()));
        return DataSet.builder()
                .items(Tag.REFERENCED_INSTANCES, List.copyOf(instances.values()))
                .copy(source.header(), Tag.SERIES_INSTANCE)
                .build();
    }

    private static DataSetBuilder reference(DicomProvenance.Slice slice) {
        return DataSet.builder()
                .text(Tag.REFERENCED_SOP_CLASS, slice.sopClass())
                .text(Tag.REFERENCED_SOP_INSTANCE, slice.sopInstance());
    }

    private List<DataSet> dimensions(String organisation) {
        DataSet position = DataSet.builder()
                .text(Tag.DIMENSION_ORGANIZATION_UID, organisation)
                .tags(Tag.DIMENSION_INDEX_POINTER, Tag.IMAGE_POSITION)
                .tags(Tag.FUNCTIONAL_GROUP_POINTER, Tag.PLANE_POSITION)
                .build();
        if (isLabelMap()) {
            return List.of(position);
        }
        DataSet segment = DataSet.builder()
                .text(Tag.DIMENSION_ORGANIZATION_UID, organisation)
                .tags(Tag.DIMENSION_INDEX_POINTER, Tag.REFERENCED_SEGMENT_NUMBER)
                .tags(Tag.FUNCTIONAL_GROUP_POINTER, Tag.SEGMENT_IDENTIFICATION)
                .build();
        return List.of(segment, position);
    }

    private DataSet background() {
        return DataSet.builder()
                .items(Tag.SEGMENTED_PROPERTY_CATEGORY, code(SegmentationCodes.BACKGROUND))
                .integers(Tag.SEGMENT_NUMBER, 0)
                .text(Tag.SEGMENT_LABEL, "Background")
                .text(Tag.SEGMENT_ALGORITHM_TYPE, "AUTOMATIC")
                .text(Tag.SEGMENT_ALGORITHM_NAME, cut(algorithm.name()))
                .items(Tag.SEGMENTATION_ALGORITHM_IDENTIFICATION, algorithmItem())
                .items(Tag.SEGMENTED_PROPERTY_TYPE, code(SegmentationCodes.BACKGROUND))
                .build();
    }

    private DataSet item(Segment segment) {
        DataSetBuilder item = DataSet.builder()
                .items(Tag.ANATOMIC_REGION, code(SegmentationCodes.BRAIN))
                .items(Tag.SEGMENTED_PROPERTY_CATEGORY, code(segment.category()))
                .integers(Tag.SEGMENT_NUMBER, segment.number())
                .text(Tag.SEGMENT_LABEL, cut(segment.label()))
                .text(Tag.SEGMENT_DESCRIPTION, segment.description())
                .items(Tag.SEGMENTATION_ALGORITHM_IDENTIFICATION, algorithmItem())
                .text(Tag.SEGMENT_ALGORITHM_TYPE, segment.algorithmType())
                .text(Tag.SEGMENT_ALGORITHM_NAME, cut(algorithm.name()))
                .integers(Tag.RECOMMENDED_CIELAB, CieLab.of(COLOURS[(segment.number() - 1) % COLOURS.length]))
                .items(Tag.SEGMENTED_PROPERTY_TYPE, code(segment.type()))
                .text(Tag.TRACKING_ID, segment.description())
                .text(Tag.TRACKING_UID, uids.of("segment " + segment.number()));
        if ((segment.label() + segment.description()).chars().anyMatch(c -> c > 0x7e)) {
            // The source's character set may lack these letters; an item may have one of its own.
            item.text(Tag.CHARACTER_SET, UNICODE);
        }
        return item.build();
    }

    private DataSet algorithmItem() {
        DataSetBuilder item = DataSet.builder()
                .items(Tag.ALGORITHM_FAMILY, code(SegmentationCodes.ARTIFICIAL_INTELLIGENCE))
                .text(Tag.ALGORITHM_VERSION, cut(algorithm.version()))
                .text(Tag.ALGORITHM_NAME, cut(algorithm.name()));
        if (!algorithm.parameters().isEmpty()) {
            item.text(Tag.ALGORITHM_PARAMETERS, algorithm.parameters());
        }
        return item.build();
    }

    private DataSet sharedGroups() {
        double between = source.grid().spacing()[2];
        DataSetBuilder measures =
                DataSet.builder().decimals(Tag.SLICE_THICKNESS, between).decimals(Tag.SPACING_BETWEEN_SLICES, between);
        ofPlane(Tag.SLICE_THICKNESS, Tag.PIXEL_MEASURES).ifPresent(measures::element);
        ofPlane(Tag.PIXEL_SPACING, Tag.PIXEL_MEASURES).ifPresent(measures::element);
        DataSetBuilder orientation = DataSet.builder();
        ofPlane(Tag.IMAGE_ORIENTATION, Tag.PLANE_ORIENTATION).ifPresent(orientation::element);
        return DataSet.builder()
                .items(Tag.PLANE_ORIENTATION, orientation.build())
                .items(Tag.PIXEL_MEASURES, measures.build())
                .build();
    }

    /** An element of the source as it writes it: of a classic image, or of a functional group of the first slice's frame. */
    private Optional<Element> ofPlane(Tag tag, Tag group) {
        DataSet header = source.header();
        List<DataSet> perFrame = header.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS);
        int frame = slices.get(0).frame() - 1;
        Stream<DataSet> own = frame < perFrame.size() ? perFrame.get(frame).items(group).stream() : Stream.empty();
        Stream<DataSet> shared =
                header.items(Tag.SHARED_FUNCTIONAL_GROUPS).stream().flatMap(all -> all.items(group).stream());
        return Stream.of(own, shared, Stream.of(header))
                .flatMap(sets -> sets)
                .flatMap(set -> set.element(tag).stream())
                .findFirst();
    }

    private DataSet frameGroups(EncodedFrames.Frame frame) {
        DicomProvenance.Slice slice = slices.get(frame.slice());
        DataSetBuilder image = reference(slice)
                .text(Tag.SPATIAL_LOCATIONS_PRESERVED, "YES")
                .items(Tag.PURPOSE_OF_REFERENCE_CODES, code(SOURCE_IMAGE));
        if (slice.frames() > 1) {
            image.integers(Tag.REFERENCED_FRAME, slice.frame());
        }
        int place = frame.slice() + 1;
        DataSetBuilder content = DataSet.builder();
        DataSetBuilder groups = DataSet.builder();
        if (isLabelMap()) {
            content.integers(Tag.DIMENSION_INDEX_VALUES, place);
        } else {
            content.integers(Tag.DIMENSION_INDEX_VALUES, frame.segment(), place);
            groups.items(
                    Tag.SEGMENT_IDENTIFICATION,
                    DataSet.builder()
                            .integers(Tag.REFERENCED_SEGMENT_NUMBER, frame.segment())
                            .build());
        }
        return groups.items(
                        Tag.DERIVATION_IMAGES,
                        DataSet.builder()
                                .items(Tag.SOURCE_IMAGES, image.build())
                                .items(Tag.DERIVATION_CODES, code(SEGMENTATION))
                                .build())
                .items(Tag.FRAME_CONTENT, content.build())
                .items(
                        Tag.PLANE_POSITION,
                        DataSet.builder()
                                .decimals(Tag.IMAGE_POSITION, slice.position())
                                .build())
                .build();
    }

    private static DataSet code(CodedTerm term) {
        return DataSet.builder()
                .text(Tag.CODE_VALUE, term.value())
                .text(Tag.CODING_SCHEME, term.scheme())
                .text(Tag.CODE_MEANING, term.meaning())
                .build();
    }

    /** A text of at most 64 characters without what would separate two values. */
    private static String cut(String text) {
        String single = text.replace('\\', '/');
        int end = Math.min(single.length(), MAX_LONG_STRING);
        return single.substring(
                0, end < single.length() && Character.isHighSurrogate(single.charAt(end - 1)) ? end - 1 : end);
    }
}
