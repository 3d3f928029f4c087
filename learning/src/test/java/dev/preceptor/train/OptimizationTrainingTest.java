package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Settings;
import dev.preceptor.model.ModelFile;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.run.Weights;
import dev.preceptor.tensor.ArrayData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Whole trainings with every option of the optimization block. */
@Tag("integration")
class OptimizationTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    /** SGD, poly, clipping, accumulation, averaged weights, deep supervision. */
    private static Recipe allOptions(String... further) {
        List<String> overrides = new ArrayList<>(List.of(
                "network.widths=[2,4,4]",
                "optimization.epochs=4",
                "optimization.accumulate=2",
                "optimization.ema=0.8",
                "validation.select=LAST",
                "checkpointEvery=3"));
        overrides.addAll(List.of(further));
        return TinyRuns.recipe("baseline-nnunet-small", overrides.toArray(String[]::new));
    }

    @Test
    void aStoppedRunEndsWithTheSameWeightsAfterResuming(@TempDir Path folder) {
        Map<String, ArrayData> whole =
                weights(TinyRuns.train(allOptions(), COHORT.path(), folder.resolve("whole"), false, () -> false));
        for (int steps : new int[] {0, 7, 9}) {
            Path run = folder.resolve("stopped-" + steps);
            AtomicInteger asked = new AtomicInteger();
            assertFalse(TinyRuns.train(allOptions(), COHORT.path(), run, false, () -> asked.incrementAndGet() > steps)
                    .finished());
            assertSame(whole, weights(TinyRuns.train(allOptions(), COHORT.path(), run, true, () -> false)));
        }
    }

    @Test
    void theModelHasTheAveragedWeights(@TempDir Path folder) {
        String[] constant = {"optimization.schedule.name=constant", "optimization.epochs=2"};
        Map<String, ArrayData> model =
                weights(TinyRuns.train(allOptions(constant), COHORT.path(), folder.resolve("two"), false, () -> false));
        // The same training with one epoch more, stopped where the other one ended.
        constant[1] = "optimization.epochs=3";
        AtomicBoolean isSecondOver = new AtomicBoolean();
        TinyRuns.train(
                allOptions(constant),
                COHORT.path(),
                folder.resolve("three"),
                event -> {
                    if (event instanceof TrainingEvent.EpochEnded ended) {
                        isSecondOver.set(ended.epoch() == 2);
                    }
                },
                isSecondOver::get);
        Checkpoints.Checkpoint checkpoint = new RunFolder(folder.resolve("three"))
                .checkpoints()
                .newest(notice -> {})
                .orElseThrow();
        assertSame(model, Weights.below("ema/average/", checkpoint.optimizer()));
        assertFalse(Arrays.equals(
                bytes(model.get("head.weight")), bytes(checkpoint.weights().get("student/head.weight"))));
    }

    @Test
    void anEpochOfOnePassHasAStepForEachAccumulatedBatch(@TempDir Path folder) throws IOException {
        // Three training subjects, two per step: the second step begins another pass.
        Recipe recipe = allOptions("sampling.batch=1", "sampling.stepsPerEpoch=0", "optimization.epochs=1");
        List<Integer> steps = new ArrayList<>();
        Training.run(
                new TrainingJob(recipe, COHORT.path(), folder.resolve("run"), Optional.empty(), false, "cpu", 1),
                event -> {
                    if (event instanceof TrainingEvent.PhaseStarted started) {
                        steps.add(started.stepsPerEpoch());
                    }
                },
                () -> false);
        assertEquals(List.of(2), steps);
        assertTrue(Files.readString(folder.resolve("run/metrics.jsonl")).contains("gradient_norm"));
    }

    @Test
    void earlyStoppingMonitorsTheAveragedWeightsAndResumesItsCount(@TempDir Path folder) throws IOException {
        // The average is constant from the second step on, so that its loss cannot fall.
        Recipe recipe = allOptions(
                "optimization.ema=0.999999999999",
                "optimization.stopAfter=2",
                "optimization.epochs=30",
                "optimization.learningRate=0.1");
        Path whole = folder.resolve("whole");
        Map<String, ArrayData> expected = weights(TinyRuns.train(recipe, COHORT.path(), whole, false, () -> false));
        List<Double> losses = validationLosses(whole);
        assertTrue(losses.size() < 30, losses.toString());
        double spread = losses.stream().mapToDouble(l -> l).max().orElseThrow()
                - losses.stream().mapToDouble(l -> l).min().orElseThrow();
        assertTrue(spread < 1e-4, losses.toString());
        Path run = folder.resolve("stopped");
        AtomicInteger asked = new AtomicInteger();
        TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > 3 * (losses.size() - 1) + 1);
        assertSame(expected, weights(TinyRuns.train(recipe, COHORT.path(), run, true, () -> false)));
        assertEquals(losses, validationLosses(run));
    }

    private static List<Double> validationLosses(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(line -> Settings.JSON
                        .readTree(line)
                        .get("validation")
                        .get("loss")
                        .doubleValue())
                .toList();
    }

    private static Map<String, ArrayData> weights(TrainingResult result) {
        return ModelFile.read(result.models().get("student")).weights();
    }

    private static void assertSame(Map<String, ArrayData> expected, Map<String, ArrayData> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, array) -> assertArrayEquals(bytes(array), bytes(actual.get(name)), name));
    }

    private static byte[] bytes(ArrayData array) {
        byte[] bytes = new byte[array.bytes().remaining()];
        array.bytes().duplicate().get(bytes);
        return bytes;
    }
}
