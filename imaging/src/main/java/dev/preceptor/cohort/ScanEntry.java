package dev.preceptor.cohort;

import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** A {@link SubjectScan} as JSON. Every number comes back to the last digit. Stateless. */
final class ScanEntry {
    private ScanEntry() {}

    static Map<String, Object> toMap(SubjectStamp stamp, SubjectScan scan) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("stamp", stamp.hash());
        entry.put("warnings", scan.problems().stream().map(Problem::text).toList());
        entry.put("hashes", scan.hashes());
        entry.put("content", scan.content().hashes());
        scan.statistics().ifPresent(statistics -> entry.put("statistics", toMap(statistics)));
        return entry;
    }

    private static Map<String, Object> toMap(SubjectStatistics statistics) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("size", toList(statistics.size()));
        map.put("spacing_mm", statistics.spacingMm());
        map.put("orientation", statistics.orientation().codes());
        map.put("brain", toList(statistics.brain()));
        Map<String, Object> intensities = new LinkedHashMap<>();
        statistics
                .intensities()
                .forEach((sequence, i) -> intensities.put(
                        sequence.name(), List.of(i.voxels(), i.mean(), i.std(), i.p005(), i.p50(), i.p995())));
        map.put("intensities", intensities);
        Map<String, Double> volumes = new LinkedHashMap<>();
        statistics.regionsMl().forEach((region, ml) -> volumes.put(region.name(), ml));
        map.put("regions_ml", volumes);
        statistics.foregroundMl().ifPresent(ml -> map.put("foreground_ml", ml));
        map.put("lesions", statistics.lesions());
        return map;
    }

    private static List<Integer> toList(Size size) {
        return List.of(size.x(), size.y(), size.z());
    }

    /** @throws RuntimeException if the entry is not one that {@link #toMap} makes */
    static SubjectScan read(JsonNode entry, Subject subject) {
        List<Problem> problems = new ArrayList<>();
        entry.required("warnings").forEach(text -> problems.add(new Problem(subject.id(), text.asString(), false)));
        Map<String, String> hashes = new LinkedHashMap<>();
        entry.required("hashes")
                .properties()
                .forEach(hash -> hashes.put(hash.getKey(), hash.getValue().asString()));
        List<String> content = new ArrayList<>();
        entry.required("content").forEach(hash -> content.add(hash.asString()));
        return new SubjectScan(
                subject,
                List.copyOf(problems),
                Optional.ofNullable(entry.get("statistics")).map(statistics -> statistics(statistics, subject)),
                hashes,
                new SubjectContent(subject.id(), content));
    }

    private static SubjectStatistics statistics(JsonNode json, Subject subject) {
        Map<Sequence, IntensityStatistics> intensities = new TreeMap<>();
        json.required("intensities").properties().forEach(image -> {
            JsonNode i = image.getValue();
            intensities.put(
                    new Sequence(image.getKey()),
                    new IntensityStatistics(
                            i.required(0).asLong(),
                            i.required(1).asDouble(),
                            i.required(2).asDouble(),
                            i.required(3).asDouble(),
                            i.required(4).asDouble(),
                            i.required(5).asDouble()));
        });
        Map<Region, Double> volumes = new LinkedHashMap<>();
        JsonNode known = json.required("regions_ml");
        if (!known.isEmpty()) {
            subject.schema()
                    .regions()
                    .forEach(region ->
                            volumes.put(region, known.required(region.name()).asDouble()));
        }
        JsonNode foreground = json.get("foreground_ml");
        JsonNode spacing = json.required("spacing_mm");
        return new SubjectStatistics(
                subject.id(),
                size(json.required("size")),
                new double[] {
                    spacing.required(0).asDouble(),
                    spacing.required(1).asDouble(),
                    spacing.required(2).asDouble()
                },
                new Orientation(json.required("orientation").asString()),
                size(json.required("brain")),
                intensities,
                volumes,
                foreground == null ? OptionalDouble.empty() : OptionalDouble.of(foreground.asDouble()),
                json.required("lesions").asInt());
    }

    private static Size size(JsonNode json) {
        return new Size(
                json.required(0).asInt(),
                json.required(1).asInt(),
                json.required(2).asInt());
    }
}
