package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.preceptor.base.Settings;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.model.ModelFile;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.ArrayData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Trainings that take seconds: a cohort of small subjects, a network of a few channels, two epochs. */
public final class TinyRuns {
    static final List<String> OVERRIDES = List.of(
            "network.widths=[2,4]",
            "network.skips=1",
            "sampling.patch=[8,8,8]",
            "sampling.stepsPerEpoch=3",
            "optimization.epochs=2",
            "preprocessing.spacing=0",
            "checkpointEvery=1",
            "validation.fraction=0.25",
            "validation.postProcessing=NONE",
            "validation.reliability=NONE");

    private TinyRuns() {}

    public static Path cohort(Path folder, int subjects) {
        return CohortFixture.brats2021(folder, subjects).root();
    }

    public static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(OVERRIDES);
        if (!Recipe.load(name, List.of()).networkArguments().containsKey("skips")) {
            all.remove("network.skips=1");
        }
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    static TrainingResult train(Recipe recipe, Path cohort, Path run, boolean resume, BooleanSupplier stop) {
        return train(recipe, cohort, run, resume, event -> {}, stop);
    }

    static TrainingResult train(
            Recipe recipe, Path cohort, Path run, Consumer<TrainingEvent> listener, BooleanSupplier stop) {
        return train(recipe, cohort, run, false, listener, stop);
    }

    static TrainingResult train(
            Recipe recipe,
            Path cohort,
            Path run,
            boolean resume,
            Consumer<TrainingEvent> listener,
            BooleanSupplier stop) {
        return Training.run(new TrainingJob(recipe, cohort, run, Optional.empty(), resume, "cpu", 1), listener, stop);
    }

    /**
     * Trains, then trains again with stops spread over the training and a resume after each; both must end with the same weights and
     * metrics.
     *
     * @param folder of the two runs
     * @param from where the first stop is, as a share of the training, 0 to 1
     * @param stops about how many stops there are
     * @return the run that was not stopped
     */
    static Path assertResumesToTheByte(Recipe recipe, Path cohort, Path folder, double from, int stops) {
        Path whole = folder.resolve("whole");
        AtomicInteger asked = new AtomicInteger();
        train(recipe, cohort, whole, false, () -> asked.incrementAndGet() < 0);
        int questions = asked.get();
        int first = Math.max(2, (int) (from * questions) + 1);
        int stride = Math.max(1, (questions - first) / stops);
        Path run = folder.resolve("stopped");
        List<Integer> lengths = new ArrayList<>();
        boolean finished = false;
        // Each start gets a question further than the one before, for some work has no checkpoint and begins anew.
        for (int last = first; !finished; last = stride + lengths.size() - 1) {
            int most = last;
            AtomicInteger count = new AtomicInteger();
            finished = train(recipe, cohort, run, !lengths.isEmpty(), () -> count.incrementAndGet() > most)
                    .finished();
            if (!finished) {
                lengths.add(last);
            }
        }
        String message = "stopped after " + lengths + " questions of each start";
        assertFalse(lengths.isEmpty(), message);
        assertSame(whole, run, message);
        return whole;
    }

    /** Asserts that the weights of every model are equal to the byte, and all metrics except times. */
    static void assertSame(Path expected, Path actual) {
        assertSame(expected, actual, "");
    }

    private static void assertSame(Path expected, Path actual, String message) {
        assertSameWeights(expected, actual, message);
        try {
            assertEquals(metrics(expected), metrics(actual), message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asserts that the weights of every model are equal to the byte. */
    static void assertSameWeights(Path expected, Path actual) {
        assertSameWeights(expected, actual, "");
    }

    private static void assertSameWeights(Path expected, Path actual, String message) {
        List<String> models = models(expected);
        assertFalse(models.isEmpty(), expected + " has no models");
        assertEquals(models, models(actual), message);
        for (String model : models) {
            Map<String, ArrayData> reference = weights(expected, model);
            Map<String, ArrayData> weights = weights(actual, model);
            assertEquals(reference.keySet(), weights.keySet(), message);
            reference.forEach((name, array) ->
                    assertEquals(array.bytes(), weights.get(name).bytes(), model + " " + name + " " + message));
        }
    }

    private static List<String> models(Path run) {
        try (Stream<Path> models = Files.list(run.resolve("models"))) {
            return models.map(model -> model.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, ArrayData> weights(Path run, String model) {
        return ModelFile.read(run.resolve("models").resolve(model)).weights();
    }

    /** The lines of {@code metrics.jsonl} without times. */
    private static List<JsonNode> metrics(Path run) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode tree = (ObjectNode) Settings.JSON.readTree(line);
            lines.add(tree.remove(List.of("seconds", "steps_per_second", "data_wait")));
        }
        return lines;
    }
}
