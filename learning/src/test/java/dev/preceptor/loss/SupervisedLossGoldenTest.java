package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.distill.Baseline;
import dev.preceptor.distill.BaselineOptions;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Supervised losses against MONAI, nnU-Net and PyTorch in float64; make_loss_fixture.py computes the values. */
class SupervisedLossGoldenTest {
    private static Safetensors golden;

    @BeforeAll
    static void open() {
        Torch.open();
        golden = GoldenFiles.read("losses.safetensors");
    }

    @TestFactory
    Stream<DynamicTest> valuesAndGradientsEqualTheReferences() {
        List<DynamicTest> tests = new ArrayList<>();
        Settings.JSON
                .readTree(golden.metadata().get("cases"))
                .properties()
                .forEach(one ->
                        tests.add(DynamicTest.dynamicTest(one.getKey(), () -> check(one.getKey(), one.getValue()))));
        return tests.stream();
    }

    private static void check(String name, JsonNode settings) {
        BaselineOptions options = options(settings);
        LabelSupervision supervision =
                new LabelSupervision(BratsTargets.of(options.outputs()), options.loss(), options.batchDice());
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = array("logits/" + options.outputs());
            logits.set_requires_grad(true);
            Tensor target =
                    BratsTargets.of(options.outputs()).target(array("labels")).to(torch.ScalarType.Double);
            Tensor loss = supervision.against(target, logits);
            loss.backward();
            assertClose(name + "/value", loss);
            assertClose(name + "/gradient", logits.grad());
        }
    }

    private static BaselineOptions options(JsonNode settings) {
        ObjectNode resolved = Baseline.KIND.resolve(settings);
        // A setting of every method, which none of their own blocks has.
        resolved.remove("diagnose");
        return Settings.bind(resolved, BaselineOptions.class, "distillation");
    }

    private static Tensor array(String name) {
        return golden.arrays().get(name).toTensor();
    }

    private static void assertClose(String name, Tensor found) {
        ArrayData expected = golden.arrays().get(name);
        ArrayData computed = ArrayData.of(found);
        for (int i = 0; i < expected.bytes().remaining() / Double.BYTES; i++) {
            double value = expected.bytes().getDouble(Double.BYTES * i);
            // MONAI computes its focal loss in float32.
            assertEquals(
                    value, computed.bytes().getDouble(Double.BYTES * i), 1e-7 * Math.max(1, Math.abs(value)), name);
        }
    }

    @Test
    void deepSupervisionHasTheWeightsOfNnUNet() {
        double[] weights = DeepSupervision.weights(3);
        for (int i = 0; i < 4; i++) {
            assertEquals(golden.arrays().get("deep/weights").bytes().getDouble(Double.BYTES * i), weights[i], 1e-15);
        }
        assertEquals(0.533333, weights[0], 1e-6);
        assertEquals(0.571429, DeepSupervision.weights(2)[0], 1e-6);
        assertEquals(1, DeepSupervision.weights(0)[0]);
    }

    @Test
    void deepSupervisionSumsTheLossesOfCoarserLabels() {
        LabelSupervision each =
                new LabelSupervision(BratsTargets.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, false);
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> logits = IntStream.range(0, 5)
                    .mapToObj(i -> array("deep/logits/" + i).to(torch.ScalarType.Float))
                    .toList();
            LossTerms terms = new DeepSupervision(each, 3).of(logits.subList(0, 4), array("deep/labels"));
            double expected = golden.arrays().get("deep/value").bytes().getDouble(0);
            assertEquals(expected, terms.total().item_double(), 1e-6 * expected);
            assertEquals(
                    List.of("gt", "deep1_gt", "deep2_gt", "deep3_gt"),
                    List.copyOf(terms.terms().keySet()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"loss\": []} | distillation.loss must be a list of at least one loss",
                "{\"loss\": [{\"name\": \"hinge\"}]} | distillation.loss.name must be one of dice, tversky, cross-entropy,",
                "{\"loss\": [{\"weight\": 1}]} | distillation.loss.name must be one of",
                "{\"loss\": [{\"name\": \"dice\", \"gamma\": 1}]} | unknown key \"distillation.loss.gamma\"",
                "{\"loss\": [{\"name\": \"dice\", \"smooth\": 0}]} | distillation.loss.epsilon must be above 0 without smooth",
                "{\"loss\": [{\"name\": \"focal\", \"gamma\": 0.5}]} | distillation.loss.gamma must be 0, or from 1 to 10",
                "{\"loss\": [{\"name\": \"top-k\", \"share\": 0}]} | distillation.loss.share must be above 0",
                "{\"loss\": [{\"name\": \"dice\", \"weight\": 0}]} | distillation.loss.weight must be a number above 0",
                "{\"outputs\": \"CLASSES\", \"loss\": [{\"name\": \"focal\", \"alpha\": 0.2}]} | must be 0 for the outputs CLASSES",
            })
    void anInvalidSettingIsRefusedInOneLine(String block, String expected) {
        String message = assertThrows(InvalidRecipeException.class, () -> {
                    BaselineOptions options = options(Settings.JSON.readTree(block));
                    new LabelSupervision(BratsTargets.of(options.outputs()), options.loss(), options.batchDice());
                })
                .getMessage();
        assertTrue(message.contains(expected), message);
    }
}
