package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.Parallel;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Derives the label schema of a set of DICOM segmentations from their segments. */
final class SegmentSchema {
    private SegmentSchema() {}

    /**
     * The first known schema that has all segments; if some file has a segment that no known schema has, the classes are the labels
     * of the segments.
     *
     * @param where the set, for messages
     * @throws InvalidCohortException if there are more classes than a label map can hold, or two names differ in case only
     */
    static SchemaDecision of(Path where, List<Path> files) {
        int threads = Runtime.getRuntime().availableProcessors();
        Set<LabelSpace> spaces = new LinkedHashSet<>(Parallel.map(
                files, threads, file -> DicomSegmentation.read(file).labelSpace()));
        String reason = "by the segments of the DICOM " + (files.size() == 1 ? "segmentation" : "segmentations");
        for (LabelSpace known : DicomSegmentation.KNOWN_SPACES) {
            if (spaces.stream()
                    .allMatch(space ->
                            known.values().values().containsAll(space.values().values()))) {
                return new SchemaDecision(known, reason);
            }
        }
        Map<Integer, LabelClass> classes = new LinkedHashMap<>();
        spaces.stream()
                .flatMap(space -> space.values().values().stream())
                .distinct()
                .forEach(labelClass -> classes.put(classes.size() + 1, labelClass));
        if (classes.size() > LabelSpace.LARGEST_VALUE) {
            throw new InvalidCohortException(where + ": its DICOM segmentations have " + classes.size()
                    + " different segments, more than " + LabelSpace.LARGEST_VALUE
                    + "; say which are scored with --schema NAME or --labels FILE");
        }
        try {
            return new SchemaDecision(new LabelSpace("SEGMENTS", classes), reason);
        } catch (IllegalArgumentException e) {
            throw new InvalidCohortException(
                    where + ": the segments of its DICOM segmentations are no labels: " + e.getMessage()
                            + "; say which are scored with --schema NAME or --labels FILE",
                    e);
        }
    }
}
