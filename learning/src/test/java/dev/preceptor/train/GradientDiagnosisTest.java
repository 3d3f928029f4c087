package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Settings;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Features;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunState;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class GradientDiagnosisTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    /** Runs no optimizer; propagates one named term, or the total, in place of the total. */
    private record Propagating(String name) implements Phase.Optimizers {
        @Override
        public void backwardAndStep(String group, List<Supplier<LossTerm>> losses) {
            if (name.equals("loss") && group.equals("student")) {
                losses.forEach(loss -> loss.get().backward());
            }
        }

        @Override
        public void backwardAndStep(String group, LossTerms losses, Features... dependsOn) {
            if (losses.terms().containsKey(name) && group.equals("student")) {
                new LossTerm(losses.terms().get(name), List.of(dependsOn)).backward();
            } else {
                backwardAndStep(group, losses.total(), dependsOn);
            }
        }
    }

    private static Recipe recipe(String name, String... overrides) {
        List<String> all = new ArrayList<>(List.of("network.widths=[2,4,4]", "distillation.diagnose=true"));
        all.addAll(List.of(overrides));
        return Recipe.load(name, all);
    }

    private static Batch batch() {
        torch.manual_seed(3);
        Tensor classes = torch.rand(1, 8, 8, 8).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
        return new Batch(Sequence.BRATS, torch.randn(1, 4, 8, 8, 8), classes);
    }

    private static Tensor gradient(Recipe recipe, String term) {
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))) {
            Phase phase = method.phases().get(method.phases().size() - 1);
            phase.step(batch(), new Propagating(term));
            return Tensors.cat(
                    phase.leading().network().parameters().asMap().values().stream()
                            .map(weight -> weight.grad().defined()
                                    ? weight.grad().clone().reshape(-1)
                                    : torch.zeros(weight.numel()))
                            .toList(),
                    0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kd-net-small | compute.recompute=NOTHING | gt kd kl loss",
                "kd-net-small | compute.recompute=STAGES | gt kd kl loss",
                "kd-net-small | teacherNetwork={name: resunet, widths: [4, 6]} | gt kd kl loss",
                "kd-net-balanced-small | compute.recompute=NOTHING | gt kd kl loss",
                "structured-kd-small | compute.recompute=NOTHING | gt pi pa ho loss",
                "local-consistency-small | compute.recompute=NOTHING | gt zero first loss",
                "pmkl-small | compute.recompute=NOTHING | gt kd contrast loss",
                "proto-kd-small | compute.recompute=STAGES | gt kd proto loss",
                "mtcm-kd-small | compute.recompute=NOTHING | gt kd_flair kd_t2 kd_t1 deep1_gt deep1_kd loss",
                "baseline-small | compute.recompute=NOTHING | gt",
            })
    void normsAndCosinesAreThoseOfSeparateBackwardPasses(String name, String override, String terms) {
        Recipe recipe = recipe(name, name.startsWith("mtcm") ? "seed=1" : "network.skips=2", override);
        try (PointerScope scope = new PointerScope();
                Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))) {
            Phase phase = method.phases().get(method.phases().size() - 1);
            GradientDiagnosis diagnosis = new GradientDiagnosis((group, losses) -> {}, phase.leading());
            phase.step(batch(), diagnosis);
            Map<String, Double> expected = new LinkedHashMap<>();
            Tensor first = null;
            for (String term : terms.split(" ")) {
                Tensor gradient = gradient(recipe, term);
                double norm = gradient.norm().item_double();
                expected.put("diagnose_norm_" + term, norm);
                if (first != null) {
                    expected.put(
                            "diagnose_cosine_" + term,
                            first.dot(gradient).item_double()
                                    / norm
                                    / first.norm().item_double());
                }
                first = first == null ? gradient : first;
            }
            expected.put("diagnosed", 1.0);
            assertEquals(expected.keySet(), diagnosis.values().keySet());
            expected.forEach(
                    (key, value) -> assertEquals(value, diagnosis.values().get(key), 1e-4 * Math.max(1, value), key));
        }
    }

    @Test
    void theMeanIsThatOfTheMeasuredSteps() {
        RunState.Epoch epoch = RunState.beginning(0, 0, 0, Map.of()).epoch();
        Map<String, Double> measured = Map.of("loss", 1.0, "diagnose_norm_gt", 4.0, "diagnosed", 1.0);
        epoch = epoch.stepped(measured, 1, 0).stepped(Map.of("loss", 2.0), 1, 0).stepped(Map.of("loss", 3.0), 1, 0);
        assertEquals(Map.of("loss", 2.0, "diagnose_norm_gt", 4.0), epoch.means());
    }

    @Nested
    @Tag("integration")
    class InATraining {
        @RegisterExtension
        static final TinyCohort COHORT = new TinyCohort(4);

        private static final String ON = "distillation.diagnose=true";

        private static List<JsonNode> lines(Path run) throws IOException {
            return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                    .map(Settings.JSON::readTree)
                    .toList();
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void itChangesNoWeightAndIsResumedToTheBit(int accumulate, @TempDir Path folder) throws IOException {
            String[] common = {
                "optimization.accumulate=" + accumulate, "sampling.stepsPerEpoch=12", "optimization.epochs=1"
            };
            String[] diagnosed = {common[0], common[1], common[2], ON};
            Path off = folder.resolve("off");
            Path on = folder.resolve("on");
            TinyRuns.train(TinyRuns.recipe("kd-net-small", common), COHORT.path(), off, false, () -> false);
            TinyRuns.train(TinyRuns.recipe("kd-net-small", diagnosed), COHORT.path(), on, false, () -> false);
            TinyRuns.assertSameWeights(off, on);
            JsonNode student = lines(on).get(1).path("training");
            assertTrue(student.path("diagnose_norm_kl").asDouble(0) > 0, student + "");
            assertTrue(Math.abs(student.path("diagnose_cosine_kd").asDouble(9)) <= 1, student + "");
            assertFalse(student.has("diagnosed"));
            assertFalse(lines(off).get(1).path("training").has("diagnose_norm_kl"));
            Path run = folder.resolve("stopped");
            AtomicInteger asked = new AtomicInteger();
            Recipe recipe = TinyRuns.recipe("kd-net-small", diagnosed);
            assertFalse(TinyRuns.train(recipe, COHORT.path(), run, false, () -> asked.incrementAndGet() > 17)
                    .finished());
            TinyRuns.train(recipe, COHORT.path(), run, true, () -> false);
            TinyRuns.assertSame(on, run);
        }

        @Test
        void progressShowsLossesOnly(@TempDir Path folder) {
            List<String> shown = new ArrayList<>();
            TinyRuns.train(
                    TinyRuns.recipe("kd-net-small", ON, "optimization.epochs=1"),
                    COHORT.path(),
                    folder.resolve("run"),
                    event -> {
                        if (event instanceof TrainingEvent.Stepped stepped) {
                            shown.addAll(stepped.losses().keySet());
                        }
                    },
                    () -> false);
            assertTrue(shown.contains("kl"));
            assertTrue(shown.stream().noneMatch(name -> name.startsWith("diagnose")), shown + "");
        }
    }
}
