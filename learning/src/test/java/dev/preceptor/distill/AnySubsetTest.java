package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.data.PatchDescription;
import dev.preceptor.data.PatchDescription.ChannelState;
import dev.preceptor.network.Input;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnySubsetTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Method method(String recipe, String... overrides) {
        List<String> all = new ArrayList<>(List.of("network.widths=[4,8]"));
        all.addAll(List.of(overrides));
        return Recipe.load(recipe, all).build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
    }

    /** Two patches of which the second lacks the given sequences. */
    private static Batch batch(Sequence... lacking) {
        torch.manual_seed(7);
        List<PatchDescription> patches = new ArrayList<>();
        for (int b = 0; b < 2; b++) {
            boolean isSecond = b == 1;
            patches.add(new PatchDescription(
                    "s" + b,
                    Optional.empty(),
                    Sequence.BRATS.stream()
                            .map(sequence -> isSecond && List.of(lacking).contains(sequence)
                                    ? ChannelState.ABSENT
                                    : ChannelState.MEASURED)
                            .toList(),
                    true));
        }
        Tensor classes = torch.zeros(2, 8, 8, 8).to(torch.ScalarType.Long);
        return new Batch(Sequence.BRATS, torch.randn(2, 4, 8, 8, 8), classes, patches);
    }

    @ParameterizedTest
    @EnumSource(SubsetDraw.class)
    void aDrawIsASubsetOfWhatIsMeasuredAndNeverEmpty(SubsetDraw draw) {
        List<Integer> measured = List.of(0, 2, 3);
        for (int seed = 0; seed < 200; seed++) {
            List<Integer> drawn = draw.draw(measured, new SplittableRandom(seed));
            assertFalse(drawn.isEmpty(), "seed " + seed);
            assertTrue(measured.containsAll(drawn), "seed " + seed);
            assertEquals(drawn.size(), drawn.stream().distinct().count(), "seed " + seed);
        }
    }

    /** The expected number of sequences of four: all; (1 + 2 + 3 + 4) / 4; 32 / 15; (32 + 1) / 16. */
    @ParameterizedTest
    @CsvSource({"COMPLETE, 4", "SIZES, 2.5", "SUBSETS, 2.1333", "BERNOULLI, 2.0625"})
    void theMeanNumberOfSequencesIsThatOfTheDraw(SubsetDraw draw, double expected) {
        SplittableRandom random = new SplittableRandom(1);
        Map<Integer, Integer> counts = new TreeMap<>();
        double sum = 0;
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            List<Integer> drawn = draw.draw(List.of(0, 1, 2, 3), random);
            sum += drawn.size();
            drawn.forEach(c -> counts.merge(c, 1, Integer::sum));
        }
        assertEquals(expected, sum / draws, 0.03);
        counts.values().forEach(count -> assertEquals(expected / 4, (double) count / draws, 0.02));
    }

    @Test
    void theLossIsTheWeightedSumOfItsTerms() {
        try (PointerScope scope = new PointerScope();
                Method method = method("u-hved-small", "distillation.divergence=0.5")) {
            Map<String, Double> values = method.phases()
                    .get(0)
                    .step(batch(Sequence.T2), (group, losses) -> {})
                    .values();
            assertEquals(
                    values.get("gt") + 0.5 * values.get("divergence") + 0.1 * values.get("reconstruction"),
                    values.get("loss"),
                    1e-5);
        }
    }

    @Test
    void theLossOfRobustMSegSumsErrorAndDivergence() {
        try (PointerScope scope = new PointerScope();
                Method method = method("robust-mseg-small", "distillation.style=0.01")) {
            Map<String, Double> values = method.phases()
                    .get(0)
                    .step(batch(Sequence.T2), (group, losses) -> {})
                    .values();
            assertEquals(
                    values.get("gt") + 0.01 * values.get("style") + 0.4 * values.get("reconstruction"),
                    values.get("loss"),
                    1e-4);
        }
    }

    @Test
    void theFusedSegmentationOfRFNetCountsAfterTheFirstEpochs() {
        try (PointerScope scope = new PointerScope();
                Method method = method("rfnet-small", "distillation.fusedAfter=1")) {
            Phase phase = method.phases().get(0);
            for (int epoch = 0; epoch < 2; epoch++) {
                Map<String, Double> values =
                        phase.step(batch(Sequence.T2), (group, losses) -> {}).values();
                assertEquals(
                        epoch * values.get("gt") + 4 * values.get("separate") + 3 * values.get("probabilityMaps"),
                        values.get("loss"),
                        1e-4);
                phase.endEpoch();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"u-hved-small", "rfnet-small"})
    void aResumedPhaseDrawsTheSameSubsets(String recipe) {
        try (PointerScope scope = new PointerScope();
                Method method = method(recipe)) {
            Batch batch = batch();
            Phase phase = method.phases().get(0);
            phase.step(batch, (group, losses) -> {});
            phase.endEpoch();
            Map<String, List<Double>> state = phase.state();
            double second = phase.step(batch, (group, losses) -> {}).values().get("loss");
            Phase resumed = method.phases().get(0);
            resumed.loadState(state);
            assertEquals(
                    second, resumed.step(batch, (group, losses) -> {}).values().get("loss"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"u-hemis-small", "u-hved-small"})
    void processesThatShareABatchBeginWithTheSameWeightsAndDrawOtherSubsets(String recipe) {
        try (PointerScope scope = new PointerScope();
                Method first = shard(recipe, 0);
                Method second = shard(recipe, 1)) {
            Batch batch = batch();
            Map<String, Tensor> weights =
                    first.roles().get(0).network().parameters().asMap();
            second.roles()
                    .get(0)
                    .network()
                    .parameters()
                    .asMap()
                    .forEach((name, weight) ->
                            assertArrayEquals(Tensors.toFloats(weights.get(name)), Tensors.toFloats(weight), name));
            List<Double> losses = new ArrayList<>();
            for (Method method : List.of(first, second)) {
                for (int step = 0; step < 4; step++) {
                    losses.add(method.phases()
                            .get(0)
                            .step(batch, (group, terms) -> {})
                            .values()
                            .get("loss"));
                }
            }
            assertNotEquals(losses.subList(0, 4), losses.subList(4, 8));
        }
    }

    private static Method shard(String recipe, int rank) {
        GlobalBatchSum sums = new GlobalBatchSum() {
            @Override
            public Tensor allReduceSum(Tensor local) {
                return local;
            }

            @Override
            public int rank() {
                return rank;
            }
        };
        return Recipe.load(recipe, List.of("network.widths=[4,8]"))
                .build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"), sums);
    }

    @ParameterizedTest
    @CsvSource({
        "u-hemis-small",
        "u-hved-small",
        "rfnet-small",
        "robust-mseg-small",
        "zero-fill-small",
        "sequence-dropout-small"
    })
    void validationSeesTheBedsideAlone(String recipe) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Method method =
                        List.of("zero-fill-small", "sequence-dropout-small").contains(recipe)
                                ? method(recipe, "network.skips=1")
                                : method(recipe)) {
            Batch batch = batch();
            Role student = method.roles().get(0);
            boolean[] t1ce = {false, true, false, false};
            float[] alone = Tensors.toFloats(
                    student.forward(Input.of(batch.images(), t1ce)).logits());
            assertArrayEquals(
                    alone,
                    Tensors.toFloats(method.phases().get(0).validate(batch).logits()));
            assertFalse(
                    Arrays.equals(alone, Tensors.toFloats(student.forward(batch).logits())));
            assertThrows(InvalidCohortException.class, () -> student.forwardAtBedside(batch(Sequence.T1CE)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kd-net-small", "proto-kd-small", "transfer-small", "mtcm-kd-small"})
    void validationOfATaughtStudentSeesTheBedsideAlone(String recipe) {
        String network = recipe.equals("mtcm-kd-small")
                ? "network={name: resunet, widths: [4, 8, 8], attention: CHANNEL, missing: ZERO}"
                : "network={name: unet, widths: [4, 8], skips: 1, missing: ZERO}";
        String teachers = recipe.equals("mtcm-kd-small") ? "teachers=[FLAIR,T2]" : "teachers=[[T1,T1CE,T2,FLAIR]]";
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Method method = method(recipe, network, "student=[T1CE,T1]", "bedside=[T1CE]", teachers)) {
            Batch batch = batch();
            Role student = method.roles().stream()
                    .filter(role -> role.name().equals("student"))
                    .findFirst()
                    .orElseThrow();
            Phase last = method.phases().get(method.phases().size() - 1);
            assertArrayEquals(
                    Tensors.toFloats(student.forwardAtBedside(batch).logits()),
                    Tensors.toFloats(last.validate(batch).logits()));
            assertFalse(Arrays.equals(
                    Tensors.toFloats(student.forward(batch).logits()),
                    Tensors.toFloats(last.validate(batch).logits())));
        }
    }

    @Nested
    class Refuses {
        private void assertRefused(String message, String recipe, String... overrides) {
            assertEquals(
                    message,
                    assertThrows(InvalidRecipeException.class, () -> method(recipe, overrides))
                            .getMessage());
        }

        @Test
        void aNetworkThatNeedsAllItsSequences() {
            assertRefused(
                    "bedside must be left out for network unet, which needs all its sequences [T1, T1CE, T2, FLAIR];"
                            + " choose a network that takes any subset, or network.missing ZERO",
                    "zero-fill-small",
                    "network={name: unet, widths: [4, 8], skips: 1, missing: REFUSE}");
            assertRefused(
                    "network unet needs all its sequences; for the method any-subset choose u-hemis, u-hved, rfnet or"
                            + " robust-mseg, or network.missing ZERO",
                    "u-hemis-small",
                    "network={name: unet, widths: [4, 8]}",
                    "bedside=[]");
        }

        @Test
        void termsThatTheNetworkHasNoOutputsFor() {
            assertRefused(
                    "distillation.divergence must be 0 for network u-hemis, which has no latents, not 0.1",
                    "u-hemis-small",
                    "distillation.divergence=0.1");
            assertRefused(
                    "distillation.reconstruction must be 0 for network u-hemis, which has no reconstructions, not 1.0",
                    "u-hemis-small",
                    "distillation.reconstruction=1");
        }

        @Test
        void segmentationsThatTheNetworkDoesNotGive() {
            assertRefused(
                    "distillation.separate must be 0 for network u-hved, which has no segmentations from single sequences,"
                            + " not 1.0",
                    "u-hved-small",
                    "distillation.separate=1");
            assertRefused(
                    "distillation.divergence must be 0 for network rfnet, which has no latents, not 0.1",
                    "rfnet-small",
                    "distillation.divergence=0.1");
        }

        @Test
        void mapsOfRegions() {
            assertRefused(
                    "distillation.outputs must be CLASSES for network rfnet, whose probability maps divide the image into"
                            + " classes, not REGIONS",
                    "rfnet-small",
                    "distillation.outputs=REGIONS");
        }

        @Test
        void epochsInWhichNothingLearnsFromTheLabels() {
            assertRefused(
                    "recipe rfnet-small: distillation.fusedAfter must be 0 without distillation.separate and distillation.probabilityMaps:"
                            + " nothing would learn from the labels, not 1",
                    "rfnet-small",
                    "distillation.separate=0",
                    "distillation.probabilityMaps=0");
        }

        @Test
        void zerosForANetworkThatTakesAnySubset() {
            assertRefused(
                    "network.missing of u-hemis must be left out: this network takes any subset of its sequences",
                    "u-hemis-small",
                    "network.missing=ZERO");
        }

        @Test
        void aBedsideThatTheStudentDoesNotSee() {
            assertRefused(
                    "recipe u-hemis-small: bedside must be empty or different sequences of student [T1, T1CE, T2, FLAIR],"
                            + " not [DWI]",
                    "u-hemis-small",
                    "bedside=DWI");
        }
    }
}
