package dev.preceptor.cohort;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Parallel;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A cohort after all its files have been read once: its problems and its statistics. One reading of the whole cohort runs
 * on a given number of threads, with the images of one file in memory for each thread.
 *
 * @param cohort the cohort that was read
 * @param problems errors and warnings, one line each, by subject
 * @param fingerprint the statistics and the hash of the content
 * @param contents the content hashes of each subject, in the order of the subjects
 */
public record CohortSummary(
        Cohort cohort, List<Problem> problems, Fingerprint fingerprint, List<SubjectContent> contents) {

    /** How many unused files the text names one by one. */
    private static final int MAX_UNUSED = 20;

    /** Reads the cohort with one thread for each processor. */
    public static CohortSummary of(Cohort cohort) {
        return of(cohort, ScanCache.NONE);
    }

    /** Reads with one thread for each processor those subjects that the cache does not know. */
    public static CohortSummary of(Cohort cohort, ScanCache cache) {
        return of(cohort, Runtime.getRuntime().availableProcessors(), ScanObserver.NONE, cache);
    }

    /**
     * Reads the cohort on the given number of threads. With an observer every subject is read, cached or not; with
     * {@link ScanObserver#NONE} only those that the cache does not know.
     */
    public static CohortSummary of(Cohort cohort, int threads, ScanObserver observer, ScanCache cache) {
        List<Sequence> expected = cohort.sequences();
        Optional<ScanCache.Known> known = cache.of(cohort);
        List<SubjectScan> scans = Parallel.map(
                cohort.subjects(),
                threads,
                subject -> known.isPresent()
                        ? known.get().scan(subject, expected, observer)
                        : SubjectScan.of(subject, expected, observer));
        known.ifPresent(ScanCache.Known::write);
        return of(cohort, scans);
    }

    /**
     * The summary of a cohort whose subjects have been read, wherever that was.
     *
     * @param scans one for each subject, in their order, read with the {@link Cohort#sequences() sequences} of the cohort
     */
    public static CohortSummary of(Cohort cohort, List<SubjectScan> scans) {
        return new CohortSummary(
                cohort,
                CohortValidation.problems(scans),
                Fingerprint.of(scans),
                scans.stream().map(SubjectScan::content).toList());
    }

    /** Whether at least one subject cannot be trained on or scored. */
    public boolean hasUnusable() {
        return problems.stream().anyMatch(Problem::unusable);
    }

    /** The summary as text: layout, schema, grids, intensities, volumes, and each problem on a line of its own. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        long labelled = cohort.subjects().stream().filter(Subject::hasLabels).count();
        line(
                text,
                "%s: %s, %d with labels%s",
                cohort.name(),
                Patients.of(cohort.subjects().stream().map(Subject::id).toList())
                        .counted("subjects"),
                labelled,
                labelled < cohort.subjects().size() ? ", " + (cohort.subjects().size() - labelled) + " without" : "");
        line(text, "  layout       %s", cohort.layout());
        line(text, "  schema       %s (%s)", cohort.schema(), cohort.schemaReason());
        line(
                text,
                "  regions      %s",
                cohort.schema().regions().stream().map(Region::name).collect(Collectors.joining(", ")));
        line(text, "  sequences    %s", Sequence.names(cohort.sequences()));
        Map<String, Long> sequenceSets = sequenceSets();
        if (sequenceSets.size() > 1) {
            sequenceSets.forEach((sequences, count) -> line(text, "               %s: %d", sequences, count));
        }
        fingerprint.grids().forEach((grid, count) -> line(text, "  grid         %s: %d", grid, count));
        line(text, "  fingerprint  %s", fingerprint.hash());
        line(text, "");
        line(text, "  %-8s %10s %10s %10s %10s %10s", "non-zero", "mean", "std", "0.5 %", "median", "99.5 %");
        fingerprint
                .intensities()
                .forEach((sequence, s) -> line(
                        text,
                        "  %-8s %10.2f %10.2f %10.2f %10.2f %10.2f",
                        sequence,
                        s.mean(),
                        s.std(),
                        s.p005(),
                        s.p50(),
                        s.p995()));
        if (labelled > 0) {
            line(text, "");
            int width = cohort.schema().regions().stream()
                    .mapToInt(region -> region.name().length())
                    .reduce(8, Math::max);
            String names = "  %-" + width + "s";
            line(text, names + " %10s %10s %10s", "ml", "least", "median", "most");
            fingerprint
                    .volumes()
                    .forEach((region, v) ->
                            line(text, names + " %10.2f %10.2f %10.2f", region, v.least(), v.median(), v.most()));
        }
        line(text, "");
        unused(text);
        problems.forEach(problem -> line(text, "%s", problem));
        long errors = problems.stream().filter(Problem::unusable).count();
        line(text, "%d errors, %d warnings", errors, problems.size() - errors);
        return text.toString();
    }

    /** The number of subjects by the sequences that they have. */
    private Map<String, Long> sequenceSets() {
        return cohort.subjects().stream()
                .collect(Collectors.groupingBy(
                        subject -> subject.images().isEmpty()
                                ? "none"
                                : Sequence.names(subject.images().keySet()),
                        TreeMap::new,
                        Collectors.counting()));
    }

    private void unused(StringBuilder text) {
        List<UnusedFile> unused = cohort.unused();
        if (unused.isEmpty()) {
            return;
        }
        line(text, "not used: %d %s", unused.size(), unused.size() == 1 ? "file" : "files");
        Path root = cohort.root().toAbsolutePath().normalize();
        for (UnusedFile file : unused.subList(0, Math.min(MAX_UNUSED, unused.size()))) {
            line(text, "  %s: %s", relative(root, file.path()), file.reason());
        }
        if (unused.size() > MAX_UNUSED) {
            line(text, "  and %d more; --json names all of them", unused.size() - MAX_UNUSED);
        }
        line(text, "");
    }

    private static Path relative(Path root, Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return absolute.startsWith(root) ? root.relativize(absolute) : absolute;
    }

    /** The summary as JSON, including the statistics of each subject. */
    public String toJson() {
        return toJson(Map.of());
    }

    /** The summary as JSON with further entries at the end. */
    public String toJson(Map<String, Object> further) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", cohort.name());
        json.put("root", cohort.root().toAbsolutePath().toString());
        json.put("layout", cohort.layout().name());
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("name", cohort.schema().name());
        Map<String, String> labels = new LinkedHashMap<>();
        cohort.schema().values().forEach((value, labelClass) -> labels.put(value.toString(), labelClass.name()));
        schema.put("labels", labels);
        Map<String, Object> regions = new LinkedHashMap<>();
        cohort.schema()
                .regions()
                .forEach(region -> regions.put(
                        region.name(),
                        region.classes().stream()
                                .filter(cohort.schema().values()::containsValue)
                                .map(LabelClass::name)
                                .sorted()
                                .toList()));
        schema.put("regions", regions);
        schema.put("reason", cohort.schemaReason());
        json.put("schema", schema);
        json.put("sequences", cohort.sequences().stream().map(Sequence::name).toList());
        Map<String, Object> files = new LinkedHashMap<>();
        for (Subject subject : cohort.subjects()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put(
                    "sequences",
                    subject.images().keySet().stream().map(Sequence::name).toList());
            entry.put("labelled", subject.hasLabels());
            files.put(subject.id(), entry);
        }
        json.put("files", files);
        json.putAll(fingerprint.toMap());
        List<Object> lines = new ArrayList<>();
        for (Problem problem : problems) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("subject", problem.subject());
            entry.put("problem", problem.text());
            entry.put("unusable", problem.unusable());
            lines.add(entry);
        }
        json.put("problems", lines);
        List<Object> unused = new ArrayList<>();
        for (UnusedFile file : cohort.unused()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("file", file.path().toAbsolutePath().normalize().toString());
            entry.put("reason", file.reason());
            unused.add(entry);
        }
        json.put("unused", unused);
        json.putAll(further);
        return JsonFiles.text(json);
    }

    /** The volume of all regions together in millilitres, by the id of each subject with a readable label map. */
    public Map<String, Double> foregroundMl() {
        return fingerprint.subjects().stream()
                .filter(s -> s.foregroundMl().isPresent())
                .collect(Collectors.toMap(
                        SubjectStatistics::id, s -> s.foregroundMl().getAsDouble(), (a, b) -> a));
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
