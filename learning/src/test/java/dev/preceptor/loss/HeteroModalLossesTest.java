package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.GoldenFiles;
import dev.preceptor.data.Sample;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.Input;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** make_hetero_modal_fixture.py, make_rfnet_fixture.py and make_robust_mseg_fixture.py compute the expected values with PyTorch in float64. */
class HeteroModalLossesTest {
    /** The second subject lacks a sequence. */
    private static final boolean[][] MEASURED = {{true, true, true}, {true, false, true}};

    private static final List<SupervisedLoss> RFNET =
            List.of(new SupervisedLoss.Dice(1, 0, 1e-7, false, true), new SupervisedLoss.WeightedCrossEntropy());

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Map<String, Tensor> auxiliary(Safetensors file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        file.arrays().forEach((name, array) -> tensors.put(name, array.toTensor()));
        return tensors;
    }

    private static void assertValue(Safetensors file, String name, Tensor found) {
        float expected = Tensors.toFloats(file.arrays().get(name).toTensor())[0];
        assertEquals(expected, found.item().toDouble(), 1e-5 * Math.abs(expected), name);
    }

    @Test
    void reconstructionAndStyleOfRobustMSegAgreeWithPyTorch() {
        Safetensors file = GoldenFiles.read("robust-mseg.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> auxiliary = auxiliary(file);
            Input measured = new Input(auxiliary.get("input"), MEASURED);
            assertValue(file, "divergence", HeteroModalLosses.style(auxiliary, MEASURED));
            assertValue(
                    file, "error", HeteroModalLosses.reconstruction(auxiliary, measured, ReconstructionError.ABSOLUTE));
        }
    }

    @Test
    void segmentationsAndMapsOfRFNetAgreeWithPyTorch() {
        Safetensors file = GoldenFiles.read("rfnet-losses.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> auxiliary = auxiliary(file);
            Tensor classes = auxiliary.get("classes");
            LabelSupervision each = supervision(BratsTargets.CLASSES, RFNET);
            assertValue(file, "separate", HeteroModalLosses.separate(auxiliary, MEASURED, each, classes));
            assertValue(file, "maps", HeteroModalLosses.probabilityMaps(auxiliary, each, classes));
        }
    }

    @Test
    void weightedCrossEntropyAgreesWithPyTorch() {
        Safetensors file = GoldenFiles.read("rfnet-losses.safetensors");
        List<SupervisedLoss> weighted = List.of(new SupervisedLoss.WeightedCrossEntropy());
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> arrays = auxiliary(file);
            Tensor classes = arrays.get("classes");
            Tensor logits = arrays.get("SEPARATE.0.0").set_requires_grad(true);
            Tensor loss = supervision(BratsTargets.CLASSES, weighted)
                    .of(logits, classes)
                    .total();
            assertValue(file, "classes-weighted", loss);
            loss.backward();
            float[] expected = Tensors.toFloats(arrays.get("classes-weighted/gradient"));
            assertArrayEquals(expected, Tensors.toFloats(logits.grad()), 1e-7f);
            assertValue(
                    file,
                    "regions-weighted",
                    supervision(BratsTargets.REGIONS, weighted)
                            .of(logits.detach().narrow(1, 0, 3), classes)
                            .total());
        }
    }

    /** A voxel that the annotators left open counts neither in the shares of the classes nor in the mean. */
    @Test
    void weightedCrossEntropyLeavesOutIgnoredVoxels() {
        SupervisedLoss.WeightedCrossEntropy loss = new SupervisedLoss.WeightedCrossEntropy();
        try (PointerScope scope = new PointerScope()) {
            Tensor classes = Tensors.of(new long[] {0, 0, 3, Sample.IGNORED}, 1, 1, 1, 4);
            for (Targets targets : List.of(BratsTargets.CLASSES, BratsTargets.REGIONS)) {
                Tensor logits = torch.randn(1, targets.channels(), 1, 1, 4);
                LabelSupervision supervision = supervision(targets, List.of(loss));
                double all = supervision.of(logits, classes).total().item().toDouble();
                Tensor three = supervision
                        .of(logits.narrow(4, 0, 3), classes.narrow(3, 0, 3))
                        .total();
                assertEquals(three.item().toDouble(), all, 1e-6);
            }
        }
    }

    private static LabelSupervision supervision(Targets targets, List<SupervisedLoss> losses) {
        return new LabelSupervision(targets, losses, false);
    }

    @Test
    void bothAgreeWithPyTorchForSubjectsWithDifferentSequences() {
        Safetensors file = GoldenFiles.read("u-hved.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> auxiliary = auxiliary(file);
            assertValue(file, "divergence", HeteroModalLosses.divergence(auxiliary, MEASURED));
            assertValue(
                    file,
                    "error",
                    HeteroModalLosses.reconstruction(
                            auxiliary, new Input(auxiliary.get("input"), MEASURED), ReconstructionError.SQUARED));
        }
    }
}
