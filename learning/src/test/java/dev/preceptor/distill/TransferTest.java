package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.data.PatchDescription;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.RegionWeightedLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransferTest {
    private static final Targets REGIONS = new Targets(TargetEncoding.REGIONS, LabelSpace.BRATS_2018);

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Method method(String... overrides) {
        List<String> all = new ArrayList<>(List.of("network={name: unet, widths: [2, 4], skips: 1}"));
        all.addAll(List.of(overrides));
        return Recipe.load("transfer-small", all).build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
    }

    private static Batch batch(boolean... labelled) {
        torch.manual_seed(7);
        long count = labelled.length;
        List<PatchDescription> patches = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            patches.add(new PatchDescription(
                    "s" + b,
                    Optional.empty(),
                    Collections.nCopies(4, PatchDescription.ChannelState.MEASURED),
                    labelled[b]));
        }
        return new Batch(
                Sequence.BRATS,
                torch.randn(count, 4, 8, 8, 8),
                torch.rand(count, 8, 8, 8).mul(new Scalar(4.0)).to(torch.ScalarType.Long),
                patches);
    }

    private static Map<String, Double> step(Method method, Batch batch) {
        return method.phases().get(1).step(batch, (group, losses) -> {}).values();
    }

    @Test
    void theLossIsTheMeanOverPatchesWithTheTeachersLabelsWeighted() {
        try (PointerScope scope = new PointerScope();
                Method method = method("distillation.weight=0.5")) {
            Batch batch = batch(true, false, false, true);
            Map<String, Double> values = step(method, batch);
            Tensor logits = method.roles().get(1).forward(batch).logits();
            LabelSupervision loss = new LabelSupervision(REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, false);
            double[] each = new double[4];
            for (int b = 0; b < 4; b++) {
                List<Integer> only = List.of(b);
                each[b] = loss.of(Tensors.rows(logits, only), Tensors.rows(batch.classes(), only))
                        .losses()
                        .get("loss");
            }
            assertEquals((each[0] + each[3]) / 2, values.get(LossTerms.SUPERVISED), 1e-5);
            assertEquals((each[1] + each[2]) / 2, values.get("taught"), 1e-5);
            assertEquals((each[0] + each[3] + 0.5 * (each[1] + each[2])) / 4, values.get("loss"), 1e-5);
        }
    }

    @Test
    void theTeacherTeachesTheChosenRegionsAlone() {
        try (PointerScope scope = new PointerScope();
                Method method = method("distillation.regions=[WT]")) {
            Batch batch = batch(true, false);
            Map<String, Double> values = step(method, batch);
            Tensor logits = method.roles().get(1).forward(batch).logits();
            List<Integer> taught = List.of(1);
            RegionWeightedLoss wholeTumor = new RegionWeightedLoss(
                    REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, () -> List.of(1.0, 0.0, 0.0));
            double expected = wholeTumor
                    .of(Tensors.rows(logits, taught), Tensors.rows(batch.classes(), taught))
                    .values()
                    .get("loss");
            assertEquals(expected, values.get("taught"), 1e-6);
            assertEquals((values.get(LossTerms.SUPERVISED) + expected) / 2, values.get("loss"), 1e-6);
            assertEquals(1, values.get("weight_WT"));
            assertEquals(0, values.get("weight_TC"));
        }
    }

    @ParameterizedTest
    @EnumSource(TargetEncoding.class)
    void softPseudoLabelsAreTheTeachersProbabilitiesOnThePatch(TargetEncoding encoding) {
        try (PointerScope scope = new PointerScope();
                Method method = method("distillation={pseudoLabels: SOFT, weight: 0.5, regions: [WT, ET], outputs: "
                        + encoding + "}")) {
            Batch batch = batch(true, false);
            Map<String, Double> values = step(method, batch);
            Role teacher = method.roles().get(0);
            Role student = method.roles().get(1);
            double[][] q = probabilities(teacher, batch, 1);
            double[][] p = probabilities(student, batch, 1);
            double expected = (softLoss(p[0], q[0]) + softLoss(p[2], q[2])) / 3;
            assertEquals(expected, values.get("taught"), 1e-5);
            assertEquals((values.get(LossTerms.SUPERVISED) + 0.5 * expected) / 2, values.get("loss"), 1e-5);
        }
    }

    /** Probabilities of the regions on one patch. */
    private static double[][] probabilities(Role role, Batch batch, int patch) {
        Tensor logits = Tensors.rows(role.forward(batch).logits(), List.of(patch));
        float[] all = Tensors.toFloats(role.outputs().regionLogits(logits));
        double[][] regions = new double[3][all.length / 3];
        for (int i = 0; i < all.length; i++) {
            regions[i / regions[0].length][i % regions[0].length] = 1 / (1 + Math.exp(-all[i]));
        }
        return regions;
    }

    private static double softLoss(double[] p, double[] q) {
        double difference = 0;
        double sum = 1e-5;
        double entropy = 0;
        for (int i = 0; i < p.length; i++) {
            difference += Math.abs(p[i] - q[i]);
            sum += p[i] + q[i];
            entropy -= q[i] * Math.log(p[i]) + (1 - q[i]) * Math.log(1 - p[i]);
        }
        return difference / sum + entropy / p.length;
    }

    @Test
    void aRegionThatTheLabelsLackIsRefused() {
        String message = assertThrows(InvalidRecipeException.class, () -> method("distillation.regions=[WT, EDEMA]"))
                .getMessage();
        assertTrue(message.contains("distillation.regions") && message.contains("WT, TC, ET"), message);
    }

    @Test
    void batchesOfOneKindHaveTheTermsOfThatKind() {
        try (PointerScope scope = new PointerScope();
                Method method = method()) {
            assertEquals(
                    List.of("loss", "gt"),
                    List.copyOf(step(method, batch(true, true)).keySet()));
            assertEquals(
                    List.of("loss", "taught"),
                    List.copyOf(step(method, batch(false, false)).keySet()));
        }
    }

    @Test
    void aRampBeginsNearZeroAndSurvivesResuming() {
        try (PointerScope scope = new PointerScope();
                Method method = method("distillation.ramp=4")) {
            Phase phase = method.phases().get(1);
            Batch batch = batch(true, false);
            Map<String, Double> first = phase.step(batch, (group, losses) -> {}).values();
            assertEquals((first.get("gt") + Math.exp(-5) * first.get("taught")) / 2, first.get("loss"), 1e-5);
            phase.endEpoch();
            phase.endEpoch();
            Phase resumed = method.phases().get(1);
            resumed.loadState(phase.state());
            Map<String, Double> third =
                    resumed.step(batch, (group, losses) -> {}).values();
            assertEquals((third.get("gt") + Math.exp(-1.25) * third.get("taught")) / 2, third.get("loss"), 1e-5);
            resumed.endEpoch();
            resumed.endEpoch();
            Map<String, Double> last =
                    resumed.step(batch, (group, losses) -> {}).values();
            assertEquals((last.get("gt") + last.get("taught")) / 2, last.get("loss"), 1e-5);
        }
    }

    @Test
    void aRegionWeighsWhatTheTeacherKnowsMoreThanTheStudent() {
        RegionAdvantage advantage = new RegionAdvantage(List.of(), List.of("WT", "TC", "ET"), 0.05);
        assertEquals(List.of(1.0, 1.0, 1.0), advantage.weights(), "nothing is known yet");
        advantage.scoreTeachers(Map.of("WT", 0.9, "TC", 0.72, "ET", 0.6));
        assertEquals(List.of(1.0, 1.0, 1.0), advantage.weights(), "the student is not validated yet");
        advantage.scoreStudent(Map.of("WT", 0.7, "TC", 0.7, "ET", 0.65));
        assertEquals(1, advantage.weights().get(0));
        assertEquals(0.4, advantage.weights().get(1), 1e-9);
        assertEquals(0, advantage.weights().get(2));
        RegionAdvantage resumed = new RegionAdvantage(List.of(), List.of("WT", "TC", "ET"), 0.05);
        assertEquals(
                advantage.state().keySet(), resumed.state().keySet(), "a fresh phase has the shape of a resumed one");
        advantage
                .state()
                .forEach((name, list) ->
                        assertEquals(list.size(), resumed.state().get(name).size(), name));
        resumed.loadState(advantage.state());
        assertEquals(advantage.weights(), resumed.weights());
    }

    @ParameterizedTest
    @EnumSource(TargetEncoding.class)
    void regionsOfEqualWeightGiveTheLossOfRegions(TargetEncoding encoding) {
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(11);
            Targets outputs = new Targets(encoding, LabelSpace.BRATS_2018);
            Tensor logits = torch.randn(2, outputs.channels(), 4, 4, 4);
            Tensor classes = torch.rand(2, 4, 4, 4).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
            LabelSupervision plain = new LabelSupervision(REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, false);
            Tensor regionLogits = outputs.regionLogits(logits);
            double all = plain.of(regionLogits, classes).losses().get("loss");
            assertEquals(all, weighted(outputs, logits, classes, List.of(1.0, 1.0, 1.0)), 1e-5);
            assertEquals(0, weighted(outputs, logits, classes, List.of(0.0, 0.0, 0.0)), 1e-9);
            double parts = weighted(outputs, logits, classes, List.of(1.0, 0.0, 0.0))
                    + weighted(outputs, logits, classes, List.of(0.0, 1.0, 0.0))
                    + weighted(outputs, logits, classes, List.of(0.0, 0.0, 1.0));
            assertEquals(all, parts, 1e-5);
        }
    }

    private static double weighted(Targets outputs, Tensor logits, Tensor classes, List<Double> weights) {
        return new RegionWeightedLoss(outputs, SupervisedLoss.DICE_AND_CROSS_ENTROPY, () -> weights)
                .of(logits, classes)
                .losses()
                .get("loss");
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        for (String override : List.of(
                "distillation.weight=-1",
                "distillation.margin=0",
                "distillation.ramp=-1",
                "distillation.loss=[{name: top-k}]")) {
            String message = assertThrows(
                            InvalidRecipeException.class, () -> method(override).close())
                    .getMessage();
            assertTrue(message.contains(override.replaceAll("=.*", "")), message);
        }
        String message = assertThrows(
                        InvalidRecipeException.class,
                        () -> method("teachers=[[T1],[T2]]", "start=fresh").close())
                .getMessage();
        assertTrue(message.startsWith("teachers must name the sequences of exactly one teacher"), message);
    }
}
