package dev.preceptor.study;

import dev.preceptor.statistics.Bootstrap;
import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.Spread;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one network of one arm earned over all finished cells.
 *
 * @param name of the arm for its student, {@code ARM/ROLE} for a teacher
 * @param arm whose network it is
 * @param role {@code student}, or a teacher's
 * @param inputs names of the sequences that it sees
 * @param cells names of the finished cells that count here
 * @param leaked the subjects whose scores count here though a network of the arm had met them, and why
 * @param values by region, figure and subject: one for each seed of the study, in their order; NaN where that cell is not
 *     finished, or the convention leaves the figure undefined
 */
public record Series(
        String name,
        String arm,
        String role,
        List<String> inputs,
        List<String> cells,
        Map<String, String> leaked,
        Map<String, Map<Metric, Map<String, List<Double>>>> values) {

    static final String STUDENT = "student";

    /** The finished cell of a seed. */
    record Finished(TrialState state, TrialScores scores) {}

    /** One for each role of an arm, the student first. */
    static List<Series> of(String arm, List<Long> seeds, List<Finished> cells) {
        List<Finished> own =
                cells.stream().filter(cell -> cell.state().arm().equals(arm)).toList();
        LinkedHashSet<String> roles = new LinkedHashSet<>();
        roles.add(STUDENT);
        own.forEach(cell -> roles.addAll(cell.scores().roles().keySet()));
        return roles.stream().map(role -> of(arm, role, seeds, own)).toList();
    }

    private static Series of(String arm, String role, List<Long> seeds, List<Finished> cells) {
        Map<String, Map<Metric, Map<String, List<Double>>>> values = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            Map<Metric, Map<String, List<Double>>> figures = new LinkedHashMap<>();
            for (Metric metric : Metric.values()) {
                figures.put(metric, new TreeMap<>());
            }
            values.put(region.name(), figures);
        }
        List<String> inputs = List.of();
        List<String> names = new ArrayList<>();
        Map<String, String> leaked = new TreeMap<>();
        for (Finished cell : cells) {
            TrialScores.RoleScores earned = cell.scores().roles().get(role);
            if (earned == null) {
                continue;
            }
            inputs = earned.inputs();
            names.add(cell.state().name());
            leaked.putAll(cell.scores().leakage().reasons());
            int seed = seeds.indexOf(cell.state().seed());
            earned.subjects()
                    .forEach((subject, regions) ->
                            regions.forEach((region, figures) -> figures.forEach((metric, value) -> values.get(region)
                                    .get(metric)
                                    .computeIfAbsent(subject, id -> absent(seeds.size()))
                                    .set(seed, value))));
        }
        return new Series(role.equals(STUDENT) ? arm : arm + "/" + role, arm, role, inputs, names, leaked, values);
    }

    private static List<Double> absent(int count) {
        Double[] nothing = new Double[count];
        Arrays.fill(nothing, Double.NaN);
        return Arrays.asList(nothing);
    }

    /** Whether this is the network that would be shipped. */
    public boolean shipped() {
        return role.equals(STUDENT);
    }

    /** The mean over seeds of each of these subjects; NaN where there is none. */
    double[] means(Region region, Metric metric, List<String> subjects) {
        Map<String, List<Double>> bySubject = values.get(region.name()).get(metric);
        return subjects.stream()
                .mapToDouble(
                        id -> Spread.of(bySubject.getOrDefault(id, List.of())).mean())
                .toArray();
    }

    /** Everybody who was scored. */
    List<String> subjects() {
        return List.copyOf(values.get(Region.WT.name()).get(Metric.DICE).keySet());
    }

    /** The figure over subjects, each the mean over its seeds. */
    Distribution distribution(Region region, Metric metric, Bootstrap bootstrap) {
        return Distribution.of(means(region, metric, subjects()), bootstrap);
    }
}
