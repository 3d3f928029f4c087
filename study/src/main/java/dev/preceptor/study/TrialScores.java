package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.leakage.Leakage;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code scores/cell.json}: the scores of one trial. The file appears when the trial is finished and never changes. Its name and
 * the key {@code cell} are the file format.
 *
 * @param cell name of the trial
 * @param recipe hash of its recipe
 * @param teachers hash of the recipe of the trial that trained its teachers; empty if it had or trained its own
 * @param cohort fingerprint of the training cohort
 * @param fold K/N, or empty
 * @param convention under which the predictions were scored
 * @param version of Preceptor
 * @param commit of its source
 * @param mapping hash of the name mapping with which leakage was sought; empty without one
 * @param leakage the scored subjects that the networks were trained on
 * @param roles the scores of each network: {@code student} and the teachers
 */
record TrialScores(
        String cell,
        String recipe,
        String teachers,
        String cohort,
        String fold,
        Convention convention,
        String version,
        String commit,
        String mapping,
        Leakage leakage,
        Map<String, RoleScores> roles) {

    /**
     * The scores of one network.
     *
     * @param inputs names of its input sequences
     * @param subjects scores by id, region and metric
     */
    record RoleScores(List<String> inputs, Map<String, Map<String, Map<Metric, Double>>> subjects) {
        static RoleScores of(List<String> inputs, Evaluation evaluation) {
            Map<String, Map<String, Map<Metric, Double>>> subjects = new TreeMap<>();
            for (Evaluation.Case scored : evaluation.cases()) {
                Map<String, Map<Metric, Double>> regions = new LinkedHashMap<>();
                scored.scores().forEach((region, score) -> {
                    Map<Metric, Double> figures = new EnumMap<>(Metric.class);
                    for (Metric metric : Metric.values()) {
                        figures.put(metric, metric.of(score));
                    }
                    regions.put(region.name(), figures);
                });
                subjects.put(scored.subject(), regions);
            }
            return new RoleScores(inputs, subjects);
        }
    }

    /** The same scores with other findings of leakage. */
    TrialScores withLeakage(Leakage found) {
        return new TrialScores(
                cell, recipe, teachers, cohort, fold, convention, version, commit, mapping, found, roles);
    }

    /** The file in the folder of a trial. */
    static Path file(Path trial) {
        return trial.resolve("scores").resolve("cell.json");
    }

    /**
     * The bytes of the file in the folder of a finished trial.
     *
     * @throws PreceptorException if it cannot be read
     */
    static byte[] bytes(Path trial) {
        try {
            return Files.readAllBytes(file(trial));
        } catch (IOException e) {
            throw new PreceptorException(file(trial) + ": cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    /**
     * Writes the bytes that an executor gave back, unless the trial wrote the file itself, where folders are shared.
     *
     * @param trial that was run
     * @param place its folder
     * @throws PreceptorException if the bytes are not the scores of this trial
     */
    static void keep(byte[] bytes, Trial trial, Path place) {
        TrialScores scores = BoundJson.of(bytes, TrialScores.class, "what came back is not a file of scores");
        if (!scores.cell.equals(trial.name())
                || !scores.recipe.equals(trial.recipe().hash())) {
            throw new PreceptorException("what came back are the scores of " + scores.cell + " with the recipe "
                    + scores.recipe + ", not those of " + trial.name() + " with "
                    + trial.recipe().hash());
        }
        if (!scores.teachers.equals(trial.teachersRecipe())) {
            throw new PreceptorException(
                    "what came back are the scores of " + scores.cell + " with other teachers than those of the study");
        }
        if (!Files.exists(file(place))) {
            AtomicFiles.write(file(place), out -> out.write(bytes));
        }
    }

    /** The scores in the folder of a trial; empty if it is not finished. */
    static Optional<TrialScores> in(Path trial) {
        Path file = file(trial);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode tree = JsonFiles.read(file);
        if (tree instanceof ObjectNode scores && !scores.isEmpty()) {
            // Studies from before teachers could be shared and from before the mapping was recorded.
            Stream.of("teachers", "mapping").filter(key -> !scores.has(key)).forEach(key -> scores.put(key, ""));
        }
        return Optional.of(BoundJson.of(
                tree, file, TrialScores.class, "is not a file of scores; remove its folder to run the trial again"));
    }
}
