package dev.preceptor.study;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The comparisons of a study that leave out seeds: those in which one of the compared networks has a value and another does not,
 * because its trial has failed or the convention leaves the metric undefined.
 *
 * @param result of the study
 */
record SeedWarnings(StudyResult result) {
    /** A line for each shown comparison that leaves out a seed of a subject in at least one metric of one region. */
    List<String> lines() {
        Set<List<String>> pairs = new LinkedHashSet<>();
        new StudyTables(result).shownPairs().forEach(pair -> pairs.add(List.of(pair.first(), pair.second())));
        result.controls().forEach(one -> pairs.add(List.of(one.first(), one.second())));
        List<String> lines = new ArrayList<>();
        pairs.forEach(pair -> line(String.join(" - ", pair), pair).ifPresent(lines::add));
        Set<List<String>> gaps = new LinkedHashSet<>();
        result.gaps().forEach(gap -> gaps.add(List.of(gap.student(), result.baselineOf(gap.student()), gap.teacher())));
        gaps.stream()
                // The line of student and baseline says it.
                .filter(gap -> !dropped(gap).equals(dropped(gap.subList(0, 2))))
                .forEach(gap -> line("the gap to " + gap.get(2) + " that " + gap.get(0) + " closes", gap)
                        .ifPresent(lines::add));
        return lines;
    }

    private Optional<String> line(String comparison, List<String> networks) {
        Map<Integer, Set<String>> dropped = dropped(networks);
        if (dropped.isEmpty()) {
            return Optional.empty();
        }
        int subjects = StudyResult.common(series(networks)).size();
        return Optional.of(comparison + " leaves out "
                + dropped.entrySet().stream()
                        .map(entry -> "seed " + result.seeds().get(entry.getKey()) + " in "
                                + entry.getValue().size() + " of " + subjects + " subjects")
                        .collect(Collectors.joining(", "))
                + ", for which one of the networks lacks a score");
    }

    /** The subjects by index of the seed that is left out. */
    private Map<Integer, Set<String>> dropped(List<String> networks) {
        Map<Integer, Set<String>> dropped = new TreeMap<>();
        for (String region : result.regions()) {
            for (Metric metric : Metric.values()) {
                MatchedSeeds matched = MatchedSeeds.of(region, metric, series(networks));
                matched.subjects()
                        .forEach(subject -> matched.dropped(subject)
                                .forEach(seed -> dropped.computeIfAbsent(seed, index -> new TreeSet<>())
                                        .add(subject)));
            }
        }
        return dropped;
    }

    private Series[] series(List<String> networks) {
        return networks.stream().map(result::series).toArray(Series[]::new);
    }
}
