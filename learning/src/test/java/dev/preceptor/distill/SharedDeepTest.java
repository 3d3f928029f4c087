package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedDeepTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Method method(String... overrides) {
        List<String> all = new ArrayList<>(List.of("network.widths=[4,6,8]"));
        all.addAll(List.of(overrides));
        return Recipe.load("shared-deep-small", all).build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
    }

    private static Batch batch() {
        torch.manual_seed(3);
        Tensor classes = torch.rand(2, 8, 8, 8).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
        return new Batch(Sequence.BRATS, torch.randn(2, 4, 8, 8, 8), classes);
    }

    private static Parameters weights(Method method, int role) {
        return method.roles().get(role).network().parameters();
    }

    private static Set<String> shared(Method method) {
        Map<String, Tensor> teacher = weights(method, 0).asMap();
        return weights(method, 1).asMap().entrySet().stream()
                .filter(entry -> entry.getValue().is_same(teacher.get(entry.getKey())))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @CsvSource({"1, encoder.2", "2, encoder.2 encoder.1 decoder.1"})
    void theStagesOfTheDepthAreShared(int depth, String stages) {
        try (Method method = method("distillation.depth=" + depth)) {
            Set<String> expected = weights(method, 1).asMap().keySet().stream()
                    .filter(name -> List.of(stages.split(" ")).stream().anyMatch(stage -> name.startsWith(stage + ".")))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(expected, shared(method));
            Phase phase = method.phases().get(0);
            long scalars = phase.parameterGroups().get("student").weights().values().stream()
                    .mapToLong(Tensor::numel)
                    .sum();
            long twice = expected.stream()
                    .mapToLong(name -> weights(method, 1).asMap().get(name).numel())
                    .sum();
            assertEquals(weights(method, 0).count() + weights(method, 1).count() - twice, scalars);
        }
    }

    /** The gradient of each network alone is that of a copy of it, whose weights are its own. */
    @Test
    void theGradientOfASharedWeightIsTheSumOfBothPaths() {
        try (PointerScope scope = new PointerScope();
                Method method = method()) {
            Batch batch = batch();
            Map<String, Tensor> joint = new HashMap<>();
            method.phases().get(0).step(batch, keeping(method, joint, 0, 1));
            Map<String, Tensor> ofTeacher = new HashMap<>();
            method.phases().get(0).step(batch, keeping(method, ofTeacher, 1));
            Map<String, Tensor> ofStudent = new HashMap<>();
            method.phases().get(0).step(batch, keeping(method, ofStudent, 0));
            for (String name : shared(method)) {
                Tensor sum = ofTeacher.get(name).add(ofStudent.get(name));
                float largest = sum.abs().max().item().toFloat();
                assertTrue(largest > 0 || name.endsWith("conv.bias"), name);
                assertTrue(ofTeacher.get(name).abs().max().item().toFloat() > 0, name);
                assertTrue(ofStudent.get(name).abs().max().item().toFloat() > 0, name);
                assertArrayEquals(
                        Tensors.toFloats(sum), Tensors.toFloats(joint.get(name)), 1e-5f * largest + 1e-7f, name);
            }
        }
    }

    /** Optimizers that propagate the loss into the given features only, and keep the gradients of the student. */
    private static Phase.Optimizers keeping(Method method, Map<String, Tensor> gradients, int... propagated) {
        return new Phase.Optimizers() {
            @Override
            public void backwardAndStep(String group, List<Supplier<LossTerm>> losses) {
                throw new AssertionError("the losses are one");
            }

            @Override
            public void backwardAndStep(String group, LossTerms losses, Features... dependsOn) {
                weights(method, 0).clearGradients();
                weights(method, 1).clearGradients();
                losses.total().backward();
                for (int i : propagated) {
                    dependsOn[i].backward();
                }
                weights(method, 1)
                        .asMap()
                        .forEach((name, weight) -> gradients.put(
                                name, weight.grad().defined() ? weight.grad().clone() : torch.zeros_like(weight)));
            }
        };
    }

    @Test
    void theTeacherLearnsFromTheLabelsAlone() {
        try (PointerScope scope = new PointerScope();
                Method method = method("distillation.depth=1")) {
            Map<String, Double> values = method.phases()
                    .get(0)
                    .step(batch(), new Phase.Optimizers() {
                        @Override
                        public void backwardAndStep(String group, List<Supplier<LossTerm>> losses) {
                            throw new AssertionError("the losses are one");
                        }

                        @Override
                        public void backwardAndStep(String group, LossTerms losses, Features... dependsOn) {
                            losses.terms()
                                    .get("kd")
                                    .add(losses.terms().get("kl"))
                                    .backward();
                            // Nothing of the teacher was reached, so that its backward pass changes no weight.
                            weights(method, 0).clearGradients();
                            dependsOn[1].backward();
                            weights(method, 0)
                                    .asMap()
                                    .forEach((name, weight) ->
                                            assertTrue(!weight.grad().defined(), name));
                        }
                    })
                    .values();
            assertEquals(
                    0.25 * values.get("gt") + 0.75 * values.get("kd") + 10 * values.get("kl") + values.get("teacher"),
                    values.get("loss"),
                    1e-5 * values.get("loss"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "distillation.depth=3 | distillation.depth must be at most 2",
                "distillation.depth=0 | distillation.depth must be a number of levels from 1 to 6",
                "network={name: resunet, widths: [4, 8]} | network resunet does not name its deep stages",
                "teacherNetwork={name: unet, widths: [4, 6, 10]} | distillation.depth is 1, but teacher and student differ",
                "teacherEnsemble={size: 2} | teacherEnsemble.size must be 1 for the method shared-deep",
                "teachers=[] | teachers must name the sequences of exactly one teacher"
            })
    void refusesInOneLine(String override, String expected) {
        String message = assertThrows(InvalidRecipeException.class, () -> {
                    List<String> overrides = override.startsWith("network=")
                            ? List.of(override)
                            : List.of("network.widths=[4,6,8]", override);
                    Recipe.load("shared-deep-small", overrides)
                            .build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))
                            .close();
                })
                .getMessage();
        assertTrue(message.contains(expected), message);
    }
}
