package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.preceptor.GoldenFiles;
import dev.preceptor.loss.KdNetLosses;
import dev.preceptor.loss.KdNetLosses.BottleneckNormalisation;
import dev.preceptor.loss.KdNetLosses.ResponseComparison;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Torch;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** KD-Net's losses and gradients against a golden file of an independent implementation, in float64 and float32. */
class KdNetGoldenTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    @TestFactory
    Stream<DynamicTest> lossesAndGradientsAreThoseOfTheGoldenFile() {
        return GoldenFiles.tests("kd_net/losses.safetensors", "kd_net_losses", golden -> {
            check(golden, true);
            check(golden, false);
        });
    }

    private static void check(Safetensors golden, boolean isDouble) {
        KdNetOptions options = new KdNetOptions(
                Double.parseDouble(golden.metadata().get("lambda")),
                KdNetOptions.Supervision.COMPLEMENT,
                ResponseComparison.SOFT_DICE,
                Double.parseDouble(golden.metadata().get("temperature")),
                Double.parseDouble(golden.metadata().get("alpha")),
                EnumSet.allOf(KdNetOptions.Term.class),
                TargetEncoding.REGIONS,
                false,
                BottleneckNormalisation.SOFTMAX,
                false,
                SupervisedLoss.DICE_AND_CROSS_ENTROPY,
                0,
                0,
                RegionWeighting.EQUAL,
                0.05);
        KdNetLosses losses = options.losses(BratsTargets.of(options.outputs()));
        LabelSupervision supervision =
                new LabelSupervision(BratsTargets.of(options.outputs()), options.loss(), options.batchDice());
        double tolerance = isDouble ? 1e-6 : 1e-5;
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = input(golden, "student_logits", isDouble);
            Tensor features = input(golden, "student_bottleneck", isDouble);
            logits.set_requires_grad(true);
            features.set_requires_grad(true);
            Tensor response = losses.response(input(golden, "teacher_logits", isDouble), logits);
            Tensor supervised = supervision.against(input(golden, "regions_wt_tc_et", isDouble), logits);
            Tensor bottleneck = losses.bottleneck(input(golden, "teacher_bottleneck", isDouble), features);
            Tensor total = options.total(response, supervised, bottleneck, 1);
            assertClose(golden, "scalar/l_kd", response, tolerance);
            assertClose(golden, "scalar/l_gt", supervised, tolerance);
            assertClose(golden, "scalar/l_kl", bottleneck, tolerance);
            assertClose(golden, "scalar/total", total, tolerance);
            total.backward();
            assertClose(golden, "grad/student_logits", logits.grad(), 1e-4);
            assertClose(golden, "grad/student_bottleneck", features.grad(), 1e-4);
        }
    }

    private static Tensor input(Safetensors golden, String name, boolean isDouble) {
        return golden.arrays()
                .get("input/" + name)
                .toTensor()
                .to(GoldenFiles.device(), isDouble ? torch.ScalarType.Double : torch.ScalarType.Float);
    }

    /** Element by element, relative to the value and, where it is tiny, to the largest of the array. */
    private static void assertClose(Safetensors golden, String name, Tensor actual, double relative) {
        ArrayData expected = golden.arrays().get(name);
        ArrayData found = ArrayData.of(actual.to(torch.ScalarType.Double));
        int count = expected.bytes().asDoubleBuffer().remaining();
        assertFalse(count == 0, name + " is empty");
        assertEquals(count, found.bytes().asDoubleBuffer().remaining(), name);
        double largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs(expected.bytes().getDouble(8 * i)));
        }
        for (int i = 0; i < count; i++) {
            double value = expected.bytes().getDouble(8 * i);
            assertEquals(
                    value,
                    found.bytes().getDouble(8 * i),
                    relative * Math.max(Math.abs(value), 1e-3 * largest),
                    name + "[" + i + "]");
        }
    }
}
