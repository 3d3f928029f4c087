package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a DICOM file or folder holds: series, volumes, geometry, and which sequence each is by its header. Of a file all pixels are
 * decoded, of a folder the headers are read. Names and dates of patients are left out.
 */
public final class DicomInspection {
    private static final int MOST_UNUSED = 10;

    private final Map<String, Object> fields;

    private DicomInspection(Map<String, Object> fields) {
        this.fields = fields;
    }

    /**
     * Describes a file or folder.
     *
     * @throws InvalidFileException if a file is damaged, or a folder holds no DICOM file
     */
    public static DicomInspection of(Path path) {
        DicomFolder folder = DicomFolder.at(path);
        Map<String, Object> fields = new LinkedHashMap<>();
        if (Files.isDirectory(path)) {
            if (folder.series().isEmpty()) {
                throw new InvalidFileException(path, "holds no DICOM series");
            }
            fields.put("format", "DICOM folder");
            fields.put(
                    "studies",
                    folder.series().stream().map(DicomSeries::study).distinct().count());
            fields.put(
                    "series",
                    folder.series().stream().map(DicomInspection::series).toList());
            List<String> unused = folder.unused().stream()
                    .map(file -> path.relativize(file.file()) + ": " + file.reason())
                    .toList();
            fields.put("unused", unused.size());
            fields.put("unused_files", unused.subList(0, Math.min(MOST_UNUSED, unused.size())));
        } else {
            file(path, folder, fields);
        }
        return new DicomInspection(fields);
    }

    private static void file(Path path, DicomFolder folder, Map<String, Object> fields) {
        DicomFile file = DicomFile.read(path);
        String syntax = file.transferSyntaxUid();
        fields.put("format", "DICOM");
        fields.put("sop_class", file.sopClass().orElse("unknown"));
        fields.put(
                "transfer_syntax",
                TransferSyntax.of(syntax).map(TransferSyntax::toString).orElse("unknown") + " (" + syntax + ")");
        file.dataSet().text(Tag.MODALITY).ifPresent(text -> fields.put("modality", text));
        fields.put("series_name", DicomSeries.name(file.dataSet()));
        folder.series().forEach(series -> {
            fields.put("series", List.of(series(series)));
            series.images().stream().filter(image -> image.problem().isEmpty()).forEach(image -> {
                Volume volume = image.read();
                double[] range = range(volume.voxels());
                fields.put("values", range);
            });
        });
    }

    private static double[] range(float[] values) {
        double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (float value : values) {
            range[0] = Math.min(range[0], value);
            range[1] = Math.max(range[1], value);
        }
        return range;
    }

    private static Map<String, Object> series(DicomSeries series) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", series.name());
        map.put("uid", series.uid());
        map.put("modality", series.modality());
        map.put("files", series.files());
        series.problem().ifPresent(problem -> map.put("problem", problem));
        List<Map<String, Object>> volumes = new ArrayList<>();
        for (DicomImage image : series.images()) {
            Map<String, Object> volume = new LinkedHashMap<>();
            volume.put("selector", image.selector());
            if (!image.distinction().isEmpty()) {
                volume.put("distinction", image.distinction());
            }
            if (image.problem().isPresent()) {
                volume.put("problem", image.problem().get());
            } else {
                Grid grid = image.grid();
                volume.put("grid", grid.toString());
                volume.put("orientation", Orientation.of(grid.affine()).toString());
                volume.put("affine", grid.affine().toMatrix());
                volume.put("sequence", SequenceProposal.of(image).toString());
                image.note().ifPresent(note -> volume.put("note", note));
                image.geometryProblem().ifPresent(problem -> volume.put("problem", problem));
            }
            volumes.add(volume);
        }
        map.put("volumes", volumes);
        return map;
    }

    /** All fields, for JSON. */
    public Map<String, Object> toMap() {
        return fields;
    }

    /** A line for each field, series and volume. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        fields.forEach((name, value) -> {
            if (value instanceof List<?> list) {
                list.forEach(entry -> {
                    if (entry instanceof Map<?, ?> series) {
                        series(text, series);
                    } else {
                        line(text, "not used", entry);
                    }
                });
            } else if (value instanceof double[] range) {
                line(text, name, range[0] + " to " + range[1]);
            } else if (!name.equals("series_name")) {
                line(text, name, value);
            }
        });
        return text.toString();
    }

    private static void series(StringBuilder text, Map<?, ?> series) {
        line(
                text,
                "series",
                series.get("name") + ", " + series.get("modality") + ", " + series.get("files")
                        + " files, UID " + series.get("uid")
                        + (series.get("problem") == null ? "" : ": " + series.get("problem")));
        for (Object entry : (List<?>) series.get("volumes")) {
            Map<?, ?> volume = (Map<?, ?>) entry;
            List<String> parts = new ArrayList<>();
            for (String name : List.of("distinction", "grid", "orientation", "sequence", "note", "problem")) {
                if (volume.get(name) != null) {
                    parts.add(String.valueOf(volume.get(name)));
                }
            }
            line(text, "  volume", String.join(", ", parts));
        }
    }

    private static void line(StringBuilder text, String name, Object value) {
        text.append(String.format(Locale.ROOT, "%-15s %s%n", name, value));
    }
}
