package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.RandomStreams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * A division of subjects into folds for cross-validation, stratified by tumour volume. All scans of a {@linkplain Patients patient}
 * are in one fold. The patients are sorted by the mean volume of their scans and dealt out in rounds, one patient to each fold in a
 * random order, so that every fold contains small, medium and large tumours and the folds differ by at most one patient. The
 * same ids, volumes, number of folds and seed give the same folds, in any order of the subjects.
 *
 * @param seed of the random order
 * @param heldOut for each fold the ids that it holds out, sorted; every subject is in exactly one list
 */
public record Folds(long seed, List<List<String>> heldOut) {
    /** The ids that one fold trains on and those that it holds out for scoring, both sorted. */
    public record Fold(List<String> training, List<String> heldOut) {}

    public Folds {
        heldOut = heldOut.stream().map(List::copyOf).toList();
        Set<String> seen = new HashSet<>();
        heldOut.forEach(ids -> ids.forEach(id -> {
            if (!seen.add(id)) {
                throw new IllegalArgumentException("subject " + id + " is in two folds");
            }
        }));
    }

    /**
     * Draws folds over the subjects of a cohort. Reads every label map.
     *
     * @param count from 2 to the number of patients
     * @throws InvalidCohortException if a subject has no label map, or there are fewer patients than folds
     */
    public static Folds of(Cohort cohort, int count, long seed) {
        Map<String, Double> volumes = new TreeMap<>();
        List<Double> measured = Parallel.map(
                cohort.subjects(),
                Runtime.getRuntime().availableProcessors(),
                subject -> subject.labels().foreground().cardinality()
                        * subject.grid().voxelVolume()
                        / 1000);
        for (int i = 0; i < measured.size(); i++) {
            volumes.put(cohort.subjects().get(i).id(), measured.get(i));
        }
        return of(volumes, count, seed);
    }

    /**
     * Draws folds.
     *
     * @param volumes tumour volume by subject id, in any unit
     * @param count from 2 to the number of patients
     * @throws InvalidRecipeException if {@code count} is below 2
     * @throws InvalidCohortException if there are fewer patients than folds
     */
    public static Folds of(Map<String, Double> volumes, int count, long seed) {
        if (count < 2) {
            throw new InvalidRecipeException("cross-validation needs at least 2 folds, not " + count);
        }
        Patients patients = Patients.of(volumes.keySet());
        if (patients.count() < count) {
            throw new InvalidCohortException("cannot make " + count + " folds of " + patients.counted("subjects"));
        }
        List<List<String>> ordered = new ArrayList<>(patients.scans());
        ordered.sort(Comparator.comparingDouble(scans -> mean(scans, volumes)));
        SplittableRandom random = new RandomStreams(seed).stream("folds", count);
        List<List<String>> heldOut = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            heldOut.add(new ArrayList<>());
            order.add(k);
        }
        for (int i = 0; i < ordered.size(); i++) {
            if (i % count == 0) {
                shuffle(order, random);
            }
            heldOut.get(order.get(i % count)).addAll(ordered.get(i));
        }
        heldOut.forEach(Collections::sort);
        return new Folds(seed, heldOut);
    }

    private static double mean(List<String> scans, Map<String, Double> volumes) {
        return scans.stream().mapToDouble(volumes::get).average().orElseThrow();
    }

    /** The number of folds. */
    public int count() {
        return heldOut.size();
    }

    /**
     * One fold.
     *
     * @param k from 0
     * @throws InvalidRecipeException if there is no such fold
     */
    public Fold fold(int k) {
        if (k < 0 || k >= heldOut.size()) {
            throw new InvalidRecipeException("fold " + k + " does not exist; there are 0 to " + (heldOut.size() - 1));
        }
        List<String> training = new ArrayList<>();
        for (int other = 0; other < heldOut.size(); other++) {
            if (other != k) {
                training.addAll(heldOut.get(other));
            }
        }
        Collections.sort(training);
        return new Fold(List.copyOf(training), heldOut.get(k));
    }

    /** Writes the folds as JSON. */
    public void write(Path file) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("seed", seed);
        json.put("held_out", heldOut);
        JsonFiles.write(file, json);
    }

    /**
     * Reads folds from JSON.
     *
     * @throws InvalidFileException if the file does not contain folds
     */
    public static Folds read(Path file) {
        JsonNode json = JsonFiles.read(file);
        if (!json.path("seed").canConvertToLong() || !json.path("seed").isIntegralNumber()) {
            throw new InvalidFileException(file, "is not a list of folds: \"seed\" must be a whole number of 64 bits");
        }
        JsonNode heldOut = json.path("held_out");
        if (!heldOut.isArray() || !heldOut.valueStream().allMatch(Folds::isListOfIds)) {
            throw new InvalidFileException(
                    file,
                    "is not a list of folds: \"held_out\" must be a list with a list of subjects' ids for each fold");
        }
        try {
            return new Folds(
                    json.get("seed").longValue(),
                    heldOut.valueStream()
                            .map(fold -> fold.valueStream()
                                    .map(JsonNode::stringValue)
                                    .toList())
                            .toList());
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    private static boolean isListOfIds(JsonNode fold) {
        return fold.isArray() && fold.valueStream().allMatch(JsonNode::isString);
    }

    private static void shuffle(List<Integer> order, SplittableRandom random) {
        for (int i = order.size() - 1; i > 0; i--) {
            Collections.swap(order, i, random.nextInt(i + 1));
        }
    }
}
