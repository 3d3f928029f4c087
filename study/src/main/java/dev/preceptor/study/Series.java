package dev.preceptor.study;

import dev.preceptor.statistics.Bootstrap;
import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The scores of one network of one arm over all finished trials. Part of {@code study.json}, whose keys call a trial a cell.
 *
 * @param name of the arm for its student, {@code ARM/ROLE} for a teacher
 * @param arm of the network
 * @param role {@code student}, or a teacher's
 * @param inputs names of its input sequences
 * @param cells names of the finished trials with scores of this network
 * @param leaked subjects among the scored ones that a network of the arm was trained on, with the evidence
 * @param values by region, metric and subject: one for each seed of the study, in the order of seeds; NaN if that trial is not
 *     finished, or the convention leaves the metric undefined
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

    /** A finished trial. */
    record Finished(TrialState state, TrialScores scores) {}

    /** One series for each role of an arm, the student first. */
    static List<Series> of(String arm, List<Long> seeds, List<Finished> trials) {
        List<Finished> own =
                trials.stream().filter(trial -> trial.state().arm().equals(arm)).toList();
        LinkedHashSet<String> roles = new LinkedHashSet<>();
        roles.add(STUDENT);
        own.forEach(trial -> roles.addAll(trial.scores().roles().keySet()));
        return roles.stream().map(role -> of(arm, role, seeds, own)).toList();
    }

    private static Series of(String arm, String role, List<Long> seeds, List<Finished> trials) {
        Map<String, Map<Metric, Map<String, List<Double>>>> values = new LinkedHashMap<>();
        for (String region : regions(role, trials)) {
            Map<Metric, Map<String, List<Double>>> figures = new LinkedHashMap<>();
            for (Metric metric : Metric.values()) {
                figures.put(metric, new TreeMap<>());
            }
            values.put(region, figures);
        }
        List<String> inputs = List.of();
        List<String> names = new ArrayList<>();
        Map<String, String> leaked = new TreeMap<>();
        for (Finished trial : trials) {
            TrialScores.RoleScores scores = trial.scores().roles().get(role);
            if (scores == null) {
                continue;
            }
            inputs = scores.inputs();
            names.add(trial.state().name());
            leaked.putAll(trial.scores().leakage().reasons());
            int seed = seeds.indexOf(trial.state().seed());
            scores.subjects()
                    .forEach((subject, regions) ->
                            regions.forEach((region, figures) -> figures.forEach((metric, value) -> values.get(region)
                                    .get(metric)
                                    .computeIfAbsent(subject, id -> absent(seeds.size()))
                                    .set(seed, value))));
        }
        return new Series(role.equals(STUDENT) ? arm : arm + "/" + role, arm, role, inputs, names, leaked, values);
    }

    /** The names of the scored regions, in the order of the label space. */
    private static Set<String> regions(String role, List<Finished> trials) {
        Set<String> regions = new LinkedHashSet<>();
        trials.stream()
                .flatMap(trial -> Stream.ofNullable(trial.scores().roles().get(role)))
                .flatMap(scores -> scores.subjects().values().stream())
                .forEach(subject -> regions.addAll(subject.keySet()));
        return regions;
    }

    private static List<Double> absent(int count) {
        Double[] nothing = new Double[count];
        Arrays.fill(nothing, Double.NaN);
        return Arrays.asList(nothing);
    }

    /** Whether this is the student, the network that users deploy. */
    public boolean shipped() {
        return role.equals(STUDENT);
    }

    /** A subject's value for each seed; empty if there is none. */
    List<Double> values(String region, Metric metric, String subject) {
        return values.getOrDefault(region, Map.of())
                .getOrDefault(metric, Map.of())
                .getOrDefault(subject, List.of());
    }

    /** The mean over seeds for each of some subjects; NaN where there is no score. */
    double[] means(String region, Metric metric, List<String> subjects) {
        return subjects.stream()
                .mapToDouble(id -> Spread.of(values(region, metric, id)).mean())
                .toArray();
    }

    /**
     * The difference to another network by seed: for each seed of the study the mean over some subjects of this network's value minus
     * the other's; NaN where no subject has both.
     */
    List<Double> differences(Series other, String region, Metric metric, List<String> subjects) {
        Map<String, List<Double>> own = values.getOrDefault(region, Map.of()).getOrDefault(metric, Map.of());
        Map<String, List<Double>> others =
                other.values.getOrDefault(region, Map.of()).getOrDefault(metric, Map.of());
        int seeds = own.values().stream().mapToInt(List::size).max().orElse(0);
        return IntStream.range(0, seeds)
                .mapToObj(seed -> Spread.of(subjects.stream()
                                .filter(id -> own.containsKey(id) && others.containsKey(id))
                                .map(id ->
                                        own.get(id).get(seed) - others.get(id).get(seed))
                                .toList())
                        .mean())
                .toList();
    }

    /** All scored subjects. */
    List<String> subjects() {
        return values.values().stream()
                .findFirst()
                .map(figures -> List.copyOf(figures.get(Metric.DICE).keySet()))
                .orElse(List.of());
    }

    /** A metric over subjects, each with the mean over its seeds. */
    Distribution distribution(String region, Metric metric, Bootstrap bootstrap) {
        return Distribution.of(means(region, metric, subjects()), bootstrap);
    }
}
