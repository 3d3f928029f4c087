package dev.preceptor.cohort;

import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A cohort in numbers.
 *
 * @param hash 32 hexadecimal digits over ids and voxels of every subject, whatever the folder, the compression and the order;
 *     what {@code run.json} and a model file name as the cohort
 * @param subjects each in numbers, by id
 */
public record Fingerprint(String hash, List<SubjectStatistics> subjects) {

    /** The spread of a volume over the subjects, in millilitres. */
    public record Spread(double least, double median, double most) {}

    /** Reads the whole cohort. */
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

    /** A known name stands for its meaning; any other name may stand for several, so the meaning counts too. */
    private static String meaning(LabelSchema schema) {
        return LabelSchema.KNOWN.contains(schema) ? schema.name() : schema.toString();
    }

    /** How many subjects have each size and spacing. */
    public Map<String, Integer> grids() {
        Map<String, Integer> grids = new TreeMap<>();
        subjects.forEach(s -> grids.merge(
                s.size() + " voxels of "
                        + Arrays.stream(s.spacingMm())
                                .mapToObj(edge -> new DecimalFormat(
                                                "0.####", DecimalFormatSymbols.getInstance(Locale.ROOT))
                                        .format(edge))
                                .collect(Collectors.joining(" x "))
                        + " mm",
                1,
                Integer::sum));
        return grids;
    }

    /** By sequence, each figure averaged over the subjects that have non-zero voxels. */
    public Map<Sequence, IntensityStatistics> intensities() {
        Map<Sequence, List<IntensityStatistics>> found = new TreeMap<>();
        subjects.forEach(s -> s.intensities().forEach((sequence, i) -> {
            if (i.voxels() > 0) {
                found.computeIfAbsent(sequence, k -> new ArrayList<>()).add(i);
            }
        }));
        Map<Sequence, IntensityStatistics> means = new TreeMap<>();
        found.forEach((sequence, all) -> means.put(
                sequence,
                new IntensityStatistics(
                        Math.round(all.stream()
                                .mapToLong(IntensityStatistics::voxels)
                                .average()
                                .orElseThrow()),
                        all.stream()
                                .mapToDouble(IntensityStatistics::mean)
                                .average()
                                .orElseThrow(),
                        all.stream()
                                .mapToDouble(IntensityStatistics::std)
                                .average()
                                .orElseThrow(),
                        all.stream()
                                .mapToDouble(IntensityStatistics::p005)
                                .average()
                                .orElseThrow(),
                        all.stream()
                                .mapToDouble(IntensityStatistics::p50)
                                .average()
                                .orElseThrow(),
                        all.stream()
                                .mapToDouble(IntensityStatistics::p995)
                                .average()
                                .orElseThrow())));
        return means;
    }

    /** By region, over the subjects with labels. */
    public Map<Region, Spread> volumes() {
        Map<Region, Spread> spreads = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            double[] sorted = subjects.stream()
                    .filter(s -> s.regionsMl().containsKey(region))
                    .mapToDouble(s -> s.regionsMl().get(region))
                    .sorted()
                    .toArray();
            if (sorted.length > 0) {
                spreads.put(region, new Spread(sorted[0], Quantile.of(sorted, 0.5), sorted[sorted.length - 1]));
            }
        }
        return spreads;
    }

    /** For JSON. */
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
