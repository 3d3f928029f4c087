package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** make_robust_mseg_fixture.py computes the expected values with PyTorch in float64. */
class RobustMSegTest {
    private static final boolean[][] PRESENT = {{true, false, true}, {false, false, true}};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Network network(int inputs, List<Integer> widths) {
        return network(inputs, 3, widths);
    }

    private static Network network(int inputs, int outputs, List<Integer> widths) {
        return Networks.build(new NetworkSpec(RobustMSeg.NAME, inputs, outputs, Map.of("widths", widths)), 7);
    }

    @Test
    void outputsAndGradientsOfATrainingStepAgreeWithPyTorch() {
        try (PointerScope scope = new PointerScope();
                Network network = network(3, List.of(4, 4))) {
            SubsetGolden golden = SubsetGolden.read("robust-mseg.safetensors");
            golden.assign(network);
            golden.assertAgrees(network, new Input(golden.array("input"), PRESENT, OptionalLong.of(1)));
        }
    }

    @Test
    void predictionHasTheSameLogitsAndNothingBesides() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(3, List.of(4, 4))) {
            SubsetGolden golden = SubsetGolden.read("robust-mseg.safetensors");
            golden.assign(network);
            Features features = network.forward(new Input(golden.array("input"), PRESENT));
            assertClose(golden.array("logits"), features.logits(), 1e-5, "logits");
            assertTrue(features.auxiliary().isEmpty());
        }
    }

    @Test
    void allFifteenSubsetsGiveDifferentPredictionsThatDoNotDependOnWhatIsAbsent() {
        try (Network network = network(4, List.of(4, 8))) {
            SubsetGolden.assertAbsentSequencesHaveNoInfluence(network);
        }
    }

    /** As many as the module of the fixture's script has with these widths. */
    @Test
    void hasTheNumberOfWeightsOfItsSecondWriting() {
        try (Network network = network(4, 4, List.of(16, 32, 64, 128))) {
            assertEquals(37_464_648, network.parameters().count());
        }
    }

    @Test
    void hasTheFeaturesThatItDeclares() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(2, List.of(8, 12, 24))) {
            assertEquals(List.of(8, 12), network.decoderChannels());
            assertEquals(4, network.totalStride());
            Features features = network.forward(
                    new Input(torch.zeros(1, 2, 4, 4, 8), new boolean[][] {{true, true}}, OptionalLong.of(1)));
            assertArrayEquals(new long[] {1, 24, 1, 1, 2}, Tensors.shape(features.bottleneck()));
            for (int level = 0; level < 2; level++) {
                assertEquals(network.decoderChannels().get(level), (int)
                        features.decoder(level).size(1));
            }
            for (int c = 0; c < 2; c++) {
                assertArrayEquals(
                        new long[] {1, 1, 4, 4, 8},
                        Tensors.shape(features.auxiliary().get(Auxiliary.RECONSTRUCTION.of(0, c))));
                assertArrayEquals(
                        new long[] {1, 48}, Tensors.shape(features.auxiliary().get(Auxiliary.STYLE.of(0, c))));
            }
        }
    }
}
