package dev.preceptor.study;

import dev.preceptor.statistics.Spread;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Networks that are compared in one metric of one region, each subject over the seeds in which all of them have a value. Means over
 * different seeds would differ by the trainings, too.
 */
final class MatchedSeeds {
    private final List<String> subjects;
    private final String region;
    private final Metric metric;
    private final Series[] networks;

    private MatchedSeeds(String region, Metric metric, Series[] networks) {
        this.subjects = StudyResult.common(networks);
        this.region = region;
        this.metric = metric;
        this.networks = networks;
    }

    static MatchedSeeds of(String region, Metric metric, Series... networks) {
        return new MatchedSeeds(region, metric, networks);
    }

    /** The subjects that all networks were scored on, sorted. */
    List<String> subjects() {
        return subjects;
    }

    /** The mean of one of the networks for each subject; NaN for a subject without a common seed. */
    double[] means(Series network) {
        return subjects.stream()
                .mapToDouble(subject -> {
                    List<Double> values = network.values(region, metric, subject);
                    return Spread.of(seeds(values)
                                    .filter(seed -> isInAll(subject, seed))
                                    .mapToObj(values::get)
                                    .toList())
                            .mean();
                })
                .toArray();
    }

    /** The seeds, by index, in which some of the networks have a value for a subject and others do not. */
    IntStream dropped(String subject) {
        return seeds(networks[0].values(region, metric, subject))
                .filter(seed ->
                        !isInAll(subject, seed) && Arrays.stream(networks).anyMatch(one -> has(one, subject, seed)));
    }

    private static IntStream seeds(List<Double> values) {
        return IntStream.range(0, values.size());
    }

    private boolean isInAll(String subject, int seed) {
        return Arrays.stream(networks).allMatch(one -> has(one, subject, seed));
    }

    private boolean has(Series network, String subject, int seed) {
        List<Double> values = network.values(region, metric, subject);
        return seed < values.size() && !values.get(seed).isNaN();
    }
}
