package dev.preceptor.viewer;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.LabelMapFiles;
import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.nifti.LabelDeclaration;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A label map to be shown over an image.
 *
 * @param file NIfTI, or a DICOM segmentation
 * @param labels as read from it
 */
public record LabelOverlay(Path file, LabelMap labels) {
    /**
     * Reads a label map. Its labels mean what the caller says, unless the header of a NIfTI file declares another meaning. Where the caller
     * says nothing, a NIfTI file's header, a {@code dataset.json} beside it, its name or its values decide, and the segments of a DICOM
     * segmentation.
     *
     * @param given what the labels mean, with the regions to show
     * @param image the grid of the image under them, on which a segmentation is laid if its pixels are voxels of it
     * @throws InvalidFileException if the file cannot be read, or has a label that is not in its schema
     * @throws dev.preceptor.base.InvalidCohortException if more than one meaning is possible
     */
    public static LabelOverlay read(Path file, Optional<LabelSpace> given, Grid image) {
        if (LabelMapFiles.isDicom(file)) {
            DicomSegmentation segmentation = LabelMapFiles.segmentation(file);
            Grid grid = segmentation.liesOn(image) ? image : segmentation.grid();
            return new LabelOverlay(file, segmentation.labels(given.orElseGet(segmentation::labelSpace), grid));
        }
        LabelSpace schema = declaredElse(file, given).orElseGet(() -> decided(file));
        return new LabelOverlay(file, Nifti.readLabelMap(file, schema));
    }

    private static Optional<LabelSpace> declaredElse(Path file, Optional<LabelSpace> given) {
        // A declaration without the meaning of its labels is refused unless the caller gives the schema.
        return given.isEmpty()
                ? SchemaDecision.declaredIn(file)
                : SchemaDecision.declarationIn(file)
                        .flatMap(LabelDeclaration::schema)
                        .filter(declared -> !declared.agreesWith(given.get()))
                        .or(() -> given);
    }

    private static LabelSpace decided(Path file) {
        return LabelFiles.at(file)
                .described()
                .orElseGet(() -> SchemaDecision.forFiles(
                        file, LabelFiles.id(file).map(List::of).orElse(List.of()), List.of(file)))
                .schema();
    }

    /** The name of the file without its ending. */
    public String name() {
        return file.getFileName().toString().replaceFirst("(?i)\\.(nii|hdr|img|dcm)(\\.gz)?$", "");
    }

    /** What the page is told: labels with their values, and regions with the values of their labels. */
    Map<String, Object> toMap(String url) {
        LabelSpace schema = labels.schema();
        return Map.of(
                "name", name(),
                "url", url,
                "labels", labelsOf(schema),
                "regions", regionsOf(schema));
    }

    /** The labels of a schema as the page reads them: {@code [{value, name}]}. */
    private static List<Map<String, Object>> labelsOf(LabelSpace schema) {
        return schema.values().entrySet().stream()
                .<Map<String, Object>>map(label ->
                        Map.of("value", label.getKey(), "name", label.getValue().name()))
                .toList();
    }

    /** The regions of a schema as the page reads them: {@code [{name, labels: [values]}]}. */
    private static List<Map<String, Object>> regionsOf(LabelSpace schema) {
        return schema.regions().stream()
                .<Map<String, Object>>map(region -> Map.of(
                        "name",
                        region.name(),
                        "labels",
                        schema.values().entrySet().stream()
                                .filter(label -> region.classes().contains(label.getValue()))
                                .map(Map.Entry::getKey)
                                .toList()))
                .toList();
    }
}
