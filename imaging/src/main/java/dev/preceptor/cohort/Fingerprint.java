package dev.preceptor.cohort;

import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The statistics of a cohort and the hash of its content.
 *
 * @param hash 32 hexadecimal digits over the ids and voxels of all subjects; independent of folder, compression and order
 *     of the subjects. {@code run.json} and model files identify the cohort by it
 * @param subjects the statistics of each subject, by id
 */
public record Fingerprint(String hash, List<SubjectStatistics> subjects) {

    /** The smallest, median and largest volume over the subjects, in millilitres. */
    public record VolumeRange(double least, double median, double most) {}

    /** Reads all files of a cohort. */
    public static Fingerprint of(Cohort cohort) {
        return CohortSummary.of(cohort).fingerprint();
    }

    static Fingerprint of(List<SubjectScan> scans) {
        String content = scans.stream()
                .sorted(Comparator.comparing((SubjectScan s) -> s.subject().id())
                        .thenComparing(s -> s.hashes().toString()))
                .map(s -> s.subject().id() + meaning(s.subject().schema()) + s.hashes())
                .collect(Collectors.joining("\n"));
        List<SubjectStatistics> subjects =
                scans.stream().flatMap(s -> s.statistics().stream()).toList();
        return new Fingerprint(ContentHash.of(content), subjects);
    }

    /** The name of a known space; the name and labels of any other, and what its regions are if the labels do not imply them. */
    private static String meaning(LabelSpace schema) {
        if (LabelSpace.KNOWN.contains(schema)) {
            return schema.name();
        }
        boolean isUsual = schema.equals(new LabelSpace(schema.name(), schema.values()));
        return isUsual ? schema.toString() : schema.definition();
    }

    /** The same cohort with the statistics of the given subjects only. */
    public Fingerprint only(Collection<String> ids) {
        return new Fingerprint(
                hash, subjects.stream().filter(s -> ids.contains(s.id())).toList());
    }

    /** The number of subjects by size and voxel spacing. */
    public Map<String, Integer> grids() {
        Map<String, Integer> grids = new TreeMap<>();
        subjects.forEach(s -> grids.merge(
                s.size() + " voxels of "
                        + Arrays.stream(s.spacingMm())
                                .mapToObj(Decimals::upToFour)
                                .collect(Collectors.joining(" x "))
                        + " mm",
                1,
                Integer::sum));
        return grids;
    }

    /** By sequence, each figure averaged over the subjects that have non-zero voxels; percentiles are averaged too. */
    public Map<Sequence, IntensityStatistics> intensities() {
        Map<Sequence, List<IntensityStatistics>> bySequence = new TreeMap<>();
        subjects.forEach(s -> s.intensities().forEach((sequence, i) -> {
            if (i.voxels() > 0) {
                bySequence.computeIfAbsent(sequence, k -> new ArrayList<>()).add(i);
            }
        }));
        Map<Sequence, IntensityStatistics> means = new TreeMap<>();
        bySequence.forEach((sequence, all) -> means.put(
                sequence,
                new IntensityStatistics(
                        Math.round(all.stream()
                                .mapToLong(IntensityStatistics::voxels)
                                .average()
                                .orElseThrow()),
                        mean(all, IntensityStatistics::mean),
                        mean(all, IntensityStatistics::std),
                        mean(all, IntensityStatistics::p005),
                        mean(all, IntensityStatistics::p50),
                        mean(all, IntensityStatistics::p995))));
        return means;
    }

    private static double mean(List<IntensityStatistics> all, ToDoubleFunction<IntensityStatistics> figure) {
        return all.stream().mapToDouble(figure).average().orElseThrow();
    }

    /** The volumes by region, over the subjects with label maps. */
    public Map<Region, VolumeRange> volumes() {
        Map<Region, VolumeRange> ranges = new LinkedHashMap<>();
        Set<Region> regions = new LinkedHashSet<>();
        subjects.forEach(s -> regions.addAll(s.regionsMl().keySet()));
        for (Region region : regions) {
            double[] sorted = subjects.stream()
                    .filter(s -> s.regionsMl().containsKey(region))
                    .mapToDouble(s -> s.regionsMl().get(region))
                    .sorted()
                    .toArray();
            if (sorted.length > 0) {
                ranges.put(region, new VolumeRange(sorted[0], Quantile.of(sorted, 0.5), sorted[sorted.length - 1]));
            }
        }
        return ranges;
    }

    /** The fingerprint as the content of a JSON object. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("fingerprint", hash);
        map.put("grids", grids());
        Map<String, Object> intensities = new LinkedHashMap<>();
        intensities().forEach((sequence, i) -> intensities.put(sequence.name(), toMap(i)));
        map.put("intensities", intensities);
        Map<String, Object> volumes = new LinkedHashMap<>();
        volumes().forEach((region, v) -> volumes.put(region.name(), v));
        map.put("volumes_ml", volumes);
        map.put("subjects", subjects.stream().map(Fingerprint::toMap).toList());
        return map;
    }

    private static Map<String, Object> toMap(SubjectStatistics s) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", s.id());
        map.put("size", List.of(s.size().x(), s.size().y(), s.size().z()));
        map.put("spacing_mm", s.spacingMm());
        map.put("orientation", s.orientation().codes());
        map.put("brain", List.of(s.brain().x(), s.brain().y(), s.brain().z()));
        Map<String, Object> volumes = new LinkedHashMap<>();
        s.regionsMl().forEach((region, ml) -> volumes.put(region.name(), ml));
        map.put("volumes_ml", volumes);
        map.put("lesions", s.lesions());
        Map<String, Object> intensities = new LinkedHashMap<>();
        s.intensities().forEach((sequence, i) -> intensities.put(sequence.name(), toMap(i)));
        map.put("intensities", intensities);
        return map;
    }

    private static Map<String, Object> toMap(IntensityStatistics i) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("voxels", i.voxels());
        map.put("mean", i.mean());
        map.put("std", i.std());
        map.put("p0.5", i.p005());
        map.put("p50", i.p50());
        map.put("p99.5", i.p995());
        return map;
    }
}
