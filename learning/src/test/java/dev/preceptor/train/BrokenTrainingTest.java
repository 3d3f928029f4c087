package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** NaN or infinity, written into a checkpoint, break the next step. */
@Tag("integration")
class BrokenTrainingTest {
    private static final Recipe RECIPE = TinyRuns.recipe("baseline-small", "optimization.epochs=4", "sampling.batch=2");

    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void aLossThatIsNotFiniteNamesStepAndSubjectsAndSavesTheBatch(float poison, @TempDir Path folder)
            throws IOException {
        Path run = stopped(folder);
        poison(run, "student/head.weight", false, poison);
        PreceptorException broken = assertThrows(
                PreceptorException.class, () -> TinyRuns.train(RECIPE, COHORT.path(), run, true, () -> false));
        Path dump = run.resolve("broken/step-000006");
        JsonNode state = Settings.JSON.readTree(Files.readString(dump.resolve("state.json")));
        List<String> subjects =
                state.path("subjects").valueStream().map(JsonNode::asString).toList();
        assertEquals(2, subjects.size());
        assertTrue(
                broken.getMessage()
                        .startsWith("training of the student broke in epoch 2, step 3 (step 6 of the run): loss is "),
                broken.getMessage());
        assertTrue(broken.getMessage().contains(" on " + String.join(", ", subjects) + ";"), broken.getMessage());
        assertTrue(broken.getMessage().contains(dump.toString()), broken.getMessage());
        assertEquals(1, broken.getMessage().lines().count());
        assertEquals(1, state.path("seed").asInt());
        assertEquals(2, state.path("epoch").asInt());
        assertEquals(3, state.path("step").asInt());
        assertTrue(state.path("losses").has("loss"));
        assertTrue(state.path("learningRate").asDouble() > 0);
        Map<String, ArrayData> batch =
                Safetensors.read(dump.resolve("batch.safetensors")).arrays();
        assertArrayEquals(new long[] {2, 1, 8, 8, 8}, batch.get("images").shape());
        assertArrayEquals(new long[] {2, 8, 8, 8}, batch.get("classes").shape());
        assertTrue(Files.readString(run.resolve("run.json")).contains("\"failed\""));
        assertTrue(Files.isDirectory(run.resolve("checkpoints/000005")), "the last good one");
    }

    @Test
    void aGradientThatIsNotFiniteIsBlamedOnItsBatch(@TempDir Path folder) throws IOException {
        Path run = stopped(folder);
        poison(run, "student/second/head.weight", true, Float.NaN);
        PreceptorException broken = assertThrows(
                PreceptorException.class, () -> TinyRuns.train(RECIPE, COHORT.path(), run, true, () -> false));
        assertTrue(broken.getMessage().contains("step 3 (step 6 of the run): its gradient"), broken.getMessage());
        assertTrue(broken.getMessage().contains("student.head.weight"), broken.getMessage());
    }

    @Test
    void accumulatedGradientsAreCheckedAfterEachBatch() {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = Tensors.of(new float[] {1, 2}, 2).requires_grad_(true);
            Map<String, ParameterGroup> groups =
                    Map.of("student", new ParameterGroup(Map.of("w", weight), 1, OptionalDouble.empty()));
            assertEquals(Optional.empty(), FiniteCheck.problem(Map.of("loss", 1.0), groups, false), "no gradient yet");
            weight.mul(Tensors.of(new float[] {Float.POSITIVE_INFINITY, 1}, 2))
                    .sum()
                    .backward();
            assertEquals(
                    Optional.of("the gradient of the weights student.w is not finite"),
                    FiniteCheck.problem(Map.of("loss", 1.0), groups, false));
            assertEquals(
                    Optional.empty(), FiniteCheck.problem(Map.of("loss", 1.0), groups, true), "the weights are finite");
        }
    }

    @Test
    void theNumberThatIsReadWithTheLossesTellsWhetherAWeightIsNotFinite() {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = Tensors.of(new float[] {1, 2}, 2).requires_grad_(true);
            Tensor other = Tensors.of(new float[] {3}, 1).requires_grad_(true);
            Map<String, ParameterGroup> groups =
                    Map.of("student", new ParameterGroup(Map.of("w", weight, "v", other), 1, OptionalDouble.empty()));
            assertEquals(Optional.empty(), FiniteCheck.sum(groups, false), "no gradient yet");
            LossTerms losses = new LossTerms(Tensors.of(new float[] {0.5f}, 1).sum(), Map.of());
            LossTerms.HostValues host =
                    losses.toHost(FiniteCheck.sum(groups, true).stream().toList());
            assertEquals(Map.of("loss", 0.5), host.values());
            assertTrue(host.isFinite());
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                try (NoGradGuard guard = new NoGradGuard()) {
                    other.fill_(new Scalar((double) bad));
                }
                assertFalse(losses.toHost(FiniteCheck.sum(groups, true).stream().toList())
                        .isFinite());
                assertTrue(FiniteCheck.problem(host.values(), groups, true).isPresent());
            }
            assertFalse(
                    losses.with(Map.of("norm", Double.NaN)).toHost(List.of()).isFinite());
        }
    }

    @Test
    void aBatchThatCannotBeSavedIsReportedInTheSameLine(@TempDir Path folder) throws IOException {
        Path run = stopped(folder);
        poison(run, "student/head.weight", false, Float.NaN);
        Files.writeString(run.resolve("broken"), "a file");
        PreceptorException broken = assertThrows(
                PreceptorException.class, () -> TinyRuns.train(RECIPE, COHORT.path(), run, true, () -> false));
        assertTrue(broken.getMessage().contains("the batch could not be saved"), broken.getMessage());
        assertEquals(1, broken.getMessage().lines().count());
    }

    /** A run that was stopped after its fifth step, with a checkpoint before. */
    private static Path stopped(Path folder) {
        Path run = folder.resolve("run");
        AtomicInteger steps = new AtomicInteger();
        TinyRuns.train(
                RECIPE,
                COHORT.path(),
                run,
                event -> steps.addAndGet(event instanceof TrainingEvent.Stepped ? 1 : 0),
                () -> steps.get() >= 5);
        assertTrue(Files.isDirectory(run.resolve("checkpoints/000005")));
        return run;
    }

    private static void poison(Path run, String name, boolean inOptimizer, float value) {
        Checkpoints checkpoints = new Checkpoints(run.resolve("checkpoints"));
        Checkpoints.Checkpoint good = checkpoints.newest(notice -> {}).orElseThrow();
        Map<String, ArrayData> weights = new LinkedHashMap<>(good.weights());
        Map<String, ArrayData> optimizerState = new LinkedHashMap<>(good.optimizer());
        ArrayData array = (inOptimizer ? optimizerState : weights).get(name);
        ByteBuffer bytes = ByteBuffer.allocate(array.bytes().remaining()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(array.bytes()).flip().putFloat(0, value);
        (inOptimizer ? optimizerState : weights).put(name, new ArrayData(array.type(), array.shape(), bytes));
        checkpoints.write(new Checkpoints.Checkpoint(good.state(), weights, optimizerState));
        assertFalse(Files.exists(run.resolve("broken")));
    }
}
