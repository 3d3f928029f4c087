package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The methods with a frozen teacher and a teaching loss. */
class TaughtStudentTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Method method(String recipe, String... overrides) {
        return method(GlobalBatchSum.LOCAL, recipe, overrides);
    }

    private static Method method(GlobalBatchSum sums, String recipe, String... overrides) {
        List<String> all = new ArrayList<>(List.of("network={name: unet, widths: [2, 4, 4], skips: 1}"));
        all.addAll(List.of(overrides));
        return Recipe.load(recipe + "-small", all).build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"), sums);
    }

    private static Batch batch() {
        torch.manual_seed(3);
        Tensor classes = torch.rand(2, 8, 8, 8).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
        return new Batch(Sequence.BRATS, torch.randn(2, 4, 8, 8, 8), classes);
    }

    private static Phase studentPhase(Method method) {
        return method.phases().get(1);
    }

    /** Runs the backward passes without an optimizer and keeps the gradients of each group. */
    private static final class Recording implements Phase.Optimizers {
        private final Phase phase;
        private final Set<String> updated = new LinkedHashSet<>();
        private final Map<String, Set<String>> reached = new LinkedHashMap<>();

        Recording(Phase phase) {
            this.phase = phase;
        }

        @Override
        public void backwardAndStep(String group, List<Supplier<LossTerm>> losses) {
            updated.add(group);
            losses.forEach(loss -> loss.get().backward());
            phase.parameterGroups().forEach((name, parameters) -> {
                Set<String> weights = new LinkedHashSet<>();
                parameters.weights().forEach((weight, tensor) -> {
                    if (tensor.grad().defined()) {
                        weights.add(weight);
                    }
                });
                reached.put(group + " reaches " + name, weights);
                Tensors.clearGradients(parameters.weights().values());
            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "structured-kd | distillation.lambda2=0.1 | gt pi pa ho penalty",
                "structured-kd | distillation.lambda2=0 | gt pi pa",
                "structured-kd | distillation.outputs=CLASSES | gt pi pa ho penalty",
                "local-consistency | distillation.compared=LOGITS | gt zero first",
                "local-consistency | distillation.outputs=CLASSES | gt zero first",
                "pmkl | distillation.margin=0.5 | gt kd contrast",
                "pmkl | distillation.outputs=CLASSES | gt kd contrast",
                "proto-kd | distillation.temperature=5 | gt kd proto",
                "proto-kd | distillation.outputs=CLASSES | gt kd proto",
                "proto-kd | teacherNetwork={name: resunet, widths: [3, 4]} | gt kd proto",
                "pmkl | teacherNetwork={name: resunet, widths: [3, 4]} | gt kd contrast",
                "structured-kd | teacherNetwork={name: resunet, widths: [3, 4]} | gt pi pa ho penalty",
            })
    void theLossReachesTheStudentAndWhatIsTrainedWithIt(String recipe, String override, String terms) {
        try (PointerScope scope = new PointerScope();
                Method method = method(recipe, override)) {
            Phase phase = studentPhase(method);
            Recording optimizers = new Recording(phase);
            LossTerms losses = phase.step(batch(), optimizers);
            assertEquals(List.of(terms.split(" ")), List.copyOf(losses.terms().keySet()));
            losses.values().forEach((name, value) -> assertTrue(Double.isFinite(value), name + " is " + value));
            assertEquals(phase.parameterGroups().keySet(), optimizers.updated);
            phase.parameterGroups().forEach((name, group) -> {
                assertEquals(group.weights().keySet(), optimizers.reached.get(name + " reaches " + name));
                optimizers.updated.stream()
                        .filter(other -> !other.equals(name))
                        .forEach(other -> assertEquals(Set.of(), optimizers.reached.get(other + " reaches " + name)));
            });
            method.roles()
                    .get(0)
                    .network()
                    .parameters()
                    .asMap()
                    .forEach((name, weight) -> assertFalse(weight.grad().defined(), "teacher " + name));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "structured-kd | pi 10 pa 10 ho -0.1",
                "local-consistency | zero 1 first 1",
                "pmkl | kd 0.5 contrast 0.5",
                "proto-kd | kd 10 proto 0.1",
            })
    void theTotalIsTheSumOfTheTermsWithTheWeightsOfThePaper(String recipe, String weights) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Method method = method(recipe)) {
            Map<String, Double> values =
                    studentPhase(method).validate(batch()).losses().values();
            double expected = values.get("gt");
            String[] words = weights.split(" ");
            for (int i = 0; i < words.length; i += 2) {
                double value = values.get(words[i]);
                assertTrue(value != 0, words[i]);
                expected += Double.parseDouble(words[i + 1]) * value;
            }
            assertEquals(expected, values.get("loss"), 1e-5 * Math.abs(expected));
            assertEquals(values.get("gt"), LossTerms.supervised(values));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"structured-kd", "local-consistency", "pmkl", "proto-kd"})
    void teacherAndStudentBeginWithTheWeightsThatTheyHaveInKdNet(String recipe) {
        try (PointerScope scope = new PointerScope();
                Method method = method(recipe);
                Method kdNet = method("kd-net-balanced")) {
            for (int i = 0; i < 2; i++) {
                Map<String, Tensor> expected =
                        kdNet.roles().get(i).network().parameters().asMap();
                method.roles()
                        .get(i)
                        .network()
                        .parameters()
                        .asMap()
                        .forEach((name, weight) -> assertArrayEquals(
                                Tensors.toFloats(expected.get(name)), Tensors.toFloats(weight), name));
            }
        }
    }

    @Test
    void theCriticTellsStudentFromTeacherBetterAfterItsUpdates() {
        try (PointerScope scope = new PointerScope();
                Method method = method("structured-kd")) {
            Phase phase = studentPhase(method);
            Parameters critic = method.auxiliaryParameters().get("critic");
            Batch batch = batch();
            Phase.Optimizers descent = new Phase.Optimizers() {
                @Override
                public void backwardAndStep(String group, List<Supplier<LossTerm>> losses) {
                    losses.forEach(loss -> loss.get().backward());
                    if (group.equals("critic")) {
                        try (NoGradGuard guard = new NoGradGuard()) {
                            critic.asMap().values().forEach(weight -> weight.sub_(weight.grad(), new Scalar(0.01)));
                        }
                    }
                    critic.clearGradients();
                }

                @Override
                public void backwardAndStep(String group, Tensor loss, Features... dependsOn) {
                    backwardAndStep(group, List.of(() -> new LossTerm(loss, List.of(dependsOn))));
                }
            };
            double first = criticLoss(phase.step(batch, descent));
            for (int i = 0; i < 20; i++) {
                phase.step(batch, descent);
            }
            double last = criticLoss(phase.step(batch, descent));
            assertTrue(last < first, first + " to " + last);
            assertEquals(Map.of("critic", List.of(22.0)), phase.state());
        }
    }

    private static double criticLoss(LossTerms losses) {
        Map<String, Double> values = losses.values();
        return values.get("ho") + 10 * values.get("penalty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "proto-kd | teachers=[[T1], [T2]] | teachers must name the sequences of exactly one teacher for the method proto-kd",
                "structured-kd | teacherEnsemble.size=2 | teacherEnsemble.size must be 1 for the method structured-kd, not 2: it compares features",
                "pmkl | teacherEnsemble.size=2 | teacherEnsemble.size must be 1 for the method pmkl, not 2: it compares features",
                "proto-kd | teacherEnsemble.size=2 | teacherEnsemble.size must be 1 for the method proto-kd, not 2: it compares features",
                "structured-kd | distillation.lambda1=-1 | distillation.lambda1 must be a number of at least 0, not -1",
                "structured-kd | distillation.lambda2=-1 | distillation.lambda2 must be a number of at least 0, not -1",
                "structured-kd | distillation.nodes=0 | distillation.nodes must be a number from 1 to 16, not 0",
                "structured-kd | distillation.criticWidth=0 | distillation.criticWidth must be a number from 1 to 256, not 0",
                "structured-kd | distillation.penalty=-1 | distillation.penalty must be a number of at least 0, not -1",
                "local-consistency | distillation.zeroOrderWeight=-1 | distillation.zeroOrderWeight must be a number of at least 0",
                "local-consistency | distillation.firstOrderWeight=-1 | distillation.firstOrderWeight must be a number of at least 0",
                "local-consistency | distillation.compared=EDGES | distillation.compared must be one of LOGITS, PROBABILITIES",
                "pmkl | distillation.temperature=0 | distillation.temperature must be a number above 0, not 0",
                "pmkl | distillation.responseWeight=-1 | distillation.responseWeight must be a number of at least 0",
                "pmkl | distillation.contrastWeight=-1 | distillation.contrastWeight must be a number of at least 0",
                "pmkl | distillation.margin=3 | distillation.margin must be above 0 and at most 2, the largest distance",
                "proto-kd | distillation.temperature=0 | distillation.temperature must be a number above 0, not 0",
                "proto-kd | distillation.responseWeight=-1 | distillation.responseWeight must be a number of at least 0",
                "proto-kd | distillation.prototypeWeight=-1 | distillation.prototypeWeight must be a number of at least 0",
                "proto-kd | distillation.lambda=1 | unknown key \"distillation.lambda\"",
                "proto-kd | distillation.deepSupervision=5 | distillation.deepSupervision asks for more heads",
            })
    void whatCannotBeIsRefused(String recipe, String override, String expected) {
        String message = assertThrows(
                        InvalidRecipeException.class,
                        () -> method(recipe, override).close())
                .getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void lossesThatPoolABatchAreRefusedInSeveralProcesses() {
        GlobalBatchSum several = local -> local.mul(new Scalar(1.0));
        for (String recipe : List.of("pmkl", "proto-kd")) {
            String message = assertThrows(
                            InvalidRecipeException.class,
                            () -> method(several, recipe).close())
                    .getMessage();
            assertTrue(message.contains("pools the samples of a batch"), message);
        }
        method(several, "structured-kd").close();
        method(several, "local-consistency").close();
    }

    @Test
    void anEnsembleTeachesByItsLogits() {
        try (PointerScope scope = new PointerScope();
                Method method = method("local-consistency", "teacherEnsemble.size=2")) {
            assertEquals(
                    List.of("teacher-1", "teacher-2", "student"),
                    method.roles().stream().map(Role::name).toList());
            LossTerms losses = method.phases().get(2).validate(batch()).losses();
            assertTrue(losses.values().get("first") > 0);
        }
    }
}
