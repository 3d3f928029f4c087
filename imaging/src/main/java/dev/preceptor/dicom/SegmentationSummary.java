package dev.preceptor.dicom;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A segmentation in names and values, for people: without the patient. */
final class SegmentationSummary {
    private SegmentationSummary() {}

    static Map<String, Object> of(DicomSegmentation segmentation) {
        DataSet set = segmentation.dataSet();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", "DICOM segmentation (" + segmentation.type() + ")");
        fields.put(
                "size",
                List.of(
                        segmentation.grid().size().x(),
                        segmentation.grid().size().y(),
                        segmentation.grid().size().z()));
        fields.put(
                "spacing",
                Arrays.stream(segmentation.grid().spacing())
                        .map(mm -> Math.rint(mm * 1e4) / 1e4)
                        .boxed()
                        .toList());
        fields.put("affine", Arrays.copyOf(segmentation.grid().affine().toMatrix(), 3));
        fields.put("frames", segmentation.frameCount());
        Map<Integer, Long> counts = segmentation.counts();
        double millilitres = segmentation.grid().voxelVolume() / 1000;
        for (Segment segment : segmentation.segments()) {
            fields.put(
                    "segment " + segment.number(),
                    segment.label() + ", " + segment.type() + ", "
                            + Math.rint(counts.get(segment.number()) * millilitres * 1e3) / 1e3 + " ml");
        }
        fields.put("algorithm", algorithms(segmentation));
        set.item(Tag.REFERENCED_SERIES).ifPresent(series -> {
            fields.put("source series", series.text(Tag.SERIES_INSTANCE).orElse("not stated"));
            fields.put("source images", series.items(Tag.REFERENCED_INSTANCES).size());
        });
        set.text(Tag.STUDY_INSTANCE).ifPresent(uid -> fields.put("study", uid));
        set.text(Tag.SOP_INSTANCE).ifPresent(uid -> fields.put("instance", uid));
        return fields;
    }

    private static String algorithms(DicomSegmentation segmentation) {
        return segmentation.segments().stream()
                .map(segment -> segment.algorithm()
                        .map(algorithm -> List.of(
                                        algorithm.name(),
                                        algorithm.version(),
                                        algorithm.parameters(),
                                        segment.algorithmType())
                                .stream()
                                .filter(text -> !text.isEmpty())
                                .collect(Collectors.joining(", ")))
                        .orElse(segment.algorithmType()))
                .distinct()
                .collect(Collectors.joining("; "));
    }
}
