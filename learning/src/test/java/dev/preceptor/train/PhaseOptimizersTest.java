package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Parameters;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunState;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of several batches, clipping, averaged weights, and the learning rates of the parameter groups. */
class PhaseOptimizersTest {
    private static final List<String> SGD = List.of(
            "optimization.optimizer={name: sgd, momentum: 0.9, nesterov: true}", "optimization.learningRate=0.1");

    @BeforeAll
    static void open() {
        Torch.open();
        Torch.useThreads(1);
    }

    @Nested
    class SeveralBatchesPerStep {
        @Test
        void equalOneBatchOfAllTheirPatches() {
            Map<String, float[]> whole =
                    train(recipe("baseline-small"), List.of(List.of(new Draw(0, 4)), List.of(new Draw(4, 4))));
            Map<String, float[]> parts = train(
                    recipe("baseline-small"),
                    List.of(List.of(new Draw(0, 2), new Draw(2, 2)), List.of(new Draw(4, 2), new Draw(6, 2))));
            whole.forEach((name, expected) -> assertArrayEquals(expected, parts.get(name), 2e-6f, name));
        }

        @Test
        void differFromOneBatchIfALossPoolsOverTheBatch() {
            Recipe pooled = recipe("baseline-small", "distillation.batchDice=true");
            Map<String, float[]> whole = train(pooled, List.of(List.of(new Draw(0, 4))));
            Map<String, float[]> parts = train(pooled, List.of(List.of(new Draw(0, 2), new Draw(2, 2))));
            assertTrue(difference(whole, parts) > 1e-5);
        }

        /** Also if a method uses the gradients of one parameter group in the losses of another. */
        @ParameterizedTest
        @ValueSource(strings = {"baseline-small", "kd-net-small", "mtcm-kd-small", "mtcm-kd-small one by one"})
        void equalOneBatchIfTheyAreEqual(String name) {
            Recipe recipe = recipe(
                    name.split(" ")[0],
                    name.contains("one by one") ? "distillation.oneByOne=true" : "optimization.clip=1");
            List<List<Draw>> once = List.of(List.of(new Draw(0, 2)), List.of(new Draw(2, 2)));
            List<List<Draw>> twice =
                    List.of(List.of(new Draw(0, 2), new Draw(0, 2)), List.of(new Draw(2, 2), new Draw(2, 2)));
            Map<String, float[]> expected = train(recipe, once);
            Map<String, float[]> actual = train(recipe, twice);
            expected.forEach((weight, values) -> assertArrayEquals(values, actual.get(weight), 1e-7f, weight));
        }

        @Test
        void changeTheWeightsWithTheLastBatchOnly() {
            Recipe recipe = recipe("mtcm-kd-small");
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                    PhaseOptimizers optimizers = new PhaseOptimizers(last(method), recipe.optimization(), 2);
                    PointerScope scope = new PointerScope()) {
                Map<String, float[]> before = weights(method);
                step(last(method), optimizers, new Draw(0, 1).batch(), false);
                assertEquals(0, difference(before, weights(method)));
                step(last(method), optimizers, new Draw(1, 1).batch(), true);
                assertTrue(difference(before, weights(method)) > 0);
            }
        }
    }

    @Nested
    class Clipping {
        @Test
        void reportsTheGradientNormOfEachParameterGroup() {
            Recipe recipe = recipe("mtcm-kd-small", "optimization.clip=1.0e-3");
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                    PhaseOptimizers optimizers = new PhaseOptimizers(last(method), recipe.optimization(), 2);
                    PointerScope scope = new PointerScope()) {
                last(method).step(new Draw(0, 1).batch(), optimizers);
                Map<String, Double> norms = optimizers.gradientNorms();
                assertTrue(norms.get("gradient_norm") > 1e-3, norms.toString());
                assertTrue(norms.get("gradient_norm_teachers") > 1e-3, norms.toString());
            }
        }

        @Test
        void leavesTheWeightsUnchangedIfGradientsAreNotFinite() {
            Recipe recipe = recipe("baseline-small", "optimization.clip=12");
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                    PhaseOptimizers optimizers = new PhaseOptimizers(last(method), recipe.optimization(), 2);
                    PointerScope scope = new PointerScope()) {
                Map<String, float[]> before = weights(method);
                Batch sound = new Draw(0, 1).batch();
                Batch broken =
                        new Batch(sound.sequences(), sound.images().mul(new Scalar(Double.NaN)), sound.classes());
                last(method).step(broken, optimizers);
                assertFalse(Double.isFinite(optimizers.gradientNorms().get("gradient_norm")));
                assertEquals(0, difference(before, weights(method)));
            }
        }
    }

    @Nested
    class DeepSupervisionHeads {
        @ParameterizedTest
        @ValueSource(strings = {"baseline-small", "kd-net-small"})
        void areTrainedWithTheNetwork(String name) {
            Recipe recipe = recipe(name, "network.widths=[4,8,8]", "distillation.deepSupervision=1");
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                    PointerScope scope = new PointerScope()) {
                for (Phase phase : method.phases()) {
                    Map<String, float[]> before = weights(method);
                    try (PhaseOptimizers optimizers = new PhaseOptimizers(phase, recipe.optimization(), 2)) {
                        LossTerms terms = phase.step(new Draw(0, 2).batch(), optimizers);
                        assertTrue(
                                terms.terms().containsKey("deep1_gt"),
                                terms.terms().toString());
                    }
                    String head = phase.leading().name() + ".deep.1.weight";
                    assertFalse(Arrays.equals(before.get(head), weights(method).get(head)), head);
                }
            }
        }

        @Test
        void thatTheNetworkLacksAreRefusedWithTheirSetting() {
            Recipe recipe = recipe("kd-net-small", "distillation.deepSupervision=2");
            String message = assertThrows(
                            InvalidRecipeException.class,
                            () -> recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu")))
                    .getMessage();
            assertEquals(
                    "distillation.deepSupervision asks for more heads than there are decoder stages below the full"
                            + " resolution: network.heads of unet must be a whole number from 0 to 0, not 2",
                    message);
        }
    }

    @Nested
    class TheMovingAverage {
        @Test
        void replacesTheWeightsUntilItIsClosed() {
            Recipe plain = recipe("baseline-small");
            Recipe averaging = recipe("baseline-small", "optimization.ema=0.9");
            List<List<Draw>> steps = List.of(List.of(new Draw(0, 2)), List.of(new Draw(2, 2)), List.of(new Draw(4, 2)));
            Map<String, float[]> raw = train(plain, steps);
            try (Method method = averaging.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                    PhaseOptimizers optimizers = new PhaseOptimizers(last(method), averaging.optimization(), 2);
                    PointerScope scope = new PointerScope()) {
                for (List<Draw> step : steps) {
                    try (PhaseOptimizers.AveragedWeights averaged = optimizers.averagedWeights()) {
                        // As validation does during training.
                        weights(method);
                    }
                    last(method).step(step.get(0).batch(), optimizers);
                }
                assertEquals(0, difference(raw, weights(method)));
                try (PhaseOptimizers.AveragedWeights averaged = optimizers.averagedWeights()) {
                    assertTrue(difference(raw, weights(method)) > 0);
                }
                assertEquals(0, difference(raw, weights(method)));
            }
        }
    }

    @Nested
    class TheSchedule {
        @Test
        void ofTimeAppliesToEachParameterGroupFromItsOwnRate() {
            Recipe recipe = Recipe.load(
                    "mtcm-kd-reference-small",
                    List.of("optimization.schedule={name: poly, power: 1}", "optimization.learningRate=0.25"));
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                    PhaseOptimizers optimizers = new PhaseOptimizers(last(method), recipe.optimization(), 4)) {
                assertRates(0.01, 0.25, optimizers);
                optimizers.schedule(1, 1, RunState.PlateauState.NONE);
                assertRates(0.0075, 0.1875, optimizers);
                optimizers.schedule(4, 1, RunState.PlateauState.NONE);
                assertRates(0.0075, 0.1875, optimizers);
            }
        }

        @Test
        void ofAPlateauChangesTheRateOfTheLeadingGroupOnly() {
            Recipe recipe = Recipe.load(
                    "mtcm-kd-small",
                    List.of(
                            "optimization.schedule={name: plateau, factor: 0.5, patience: 0}",
                            "optimization.learningRate=0.25"));
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                    PhaseOptimizers optimizers = new PhaseOptimizers(last(method), recipe.optimization(), 4)) {
                RunState.PlateauState plateauState = optimizers.schedule(1, 1, RunState.PlateauState.NONE);
                assertRates(0.25, 0.25, optimizers);
                optimizers.schedule(2, 1, plateauState);
                assertRates(0.125, 0.25, optimizers);
            }
        }

        private static void assertRates(double student, double teachers, PhaseOptimizers optimizers) {
            assertEquals(student, optimizers.states().get("student").learningRate(), 1e-12);
            assertEquals(teachers, optimizers.states().get("teachers").learningRate(), 1e-12);
        }

        @Test
        void refusesSgdForAMethodWithABeta() {
            Recipe recipe = Recipe.load("mtcm-kd-reference-small", SGD);
            try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))) {
                String message = assertThrows(
                                InvalidRecipeException.class,
                                () -> new PhaseOptimizers(last(method), recipe.optimization(), 2))
                        .getMessage();
                assertTrue(message.contains("optimization.optimizer.name must be adam or adamw"), message);
            }
        }
    }

    private static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(SGD);
        all.add(name.startsWith("mtcm") ? "network.widths=[4,8,8]" : "network.widths=[4,8]");
        if (!name.startsWith("mtcm")) {
            all.add("network.skips=1");
        }
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    /** Patches of 8^3 voxels with four sequences, each determined by its number; a higher number has more tumour. */
    private record Draw(int first, int count) {
        Batch batch() {
            List<Tensor> images = new ArrayList<>();
            List<Tensor> classes = new ArrayList<>();
            for (int i = first; i < first + count; i++) {
                torch.manual_seed(100 + i);
                images.add(torch.randn(4, 8, 8, 8));
                classes.add(torch.rand(8, 8, 8).mul(new Scalar(1.0 + i % 4)).to(torch.ScalarType.Long));
            }
            return new Batch(Sequence.BRATS, Tensors.stack(images, 0), Tensors.stack(classes, 0));
        }
    }

    /** One batch of a step, as {@code PhaseTrainer.run} trains on it. */
    private static void step(Phase phase, PhaseOptimizers optimizers, Batch batch, boolean isLast) {
        optimizers.beginBatch();
        phase.step(batch, (group, losses) -> {
            optimizers.backward(group, losses, isLast);
            if (isLast) {
                optimizers.step(group);
            }
        });
    }

    private static Map<String, float[]> train(Recipe recipe, List<List<Draw>> steps) {
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
                PhaseOptimizers optimizers = new PhaseOptimizers(last(method), recipe.optimization(), 2)) {
            for (List<Draw> step : steps) {
                for (int part = 0; part < step.size(); part++) {
                    try (PointerScope scope = new PointerScope()) {
                        step(last(method), optimizers, step.get(part).batch(), part == step.size() - 1);
                    }
                }
            }
            return weights(method);
        }
    }

    private static Phase last(Method method) {
        List<Phase> phases = method.phases();
        return phases.get(phases.size() - 1);
    }

    private static Map<String, float[]> weights(Method method) {
        Map<String, float[]> weights = new TreeMap<>();
        Map<String, Parameters> parts = new TreeMap<>(method.auxiliaryParameters());
        for (Role role : method.roles()) {
            parts.put(role.name(), role.network().parameters());
        }
        parts.forEach((part, parameters) ->
                parameters.asMap().forEach((name, weight) -> weights.put(part + "." + name, Tensors.toFloats(weight))));
        return weights;
    }

    private static double difference(Map<String, float[]> one, Map<String, float[]> other) {
        assertEquals(one.keySet(), other.keySet());
        double largest = 0;
        for (String name : one.keySet()) {
            float[] a = one.get(name);
            float[] b = other.get(name);
            for (int i = 0; i < a.length; i++) {
                largest = Math.max(largest, Math.abs(a[i] - b[i]));
            }
        }
        return largest;
    }
}
