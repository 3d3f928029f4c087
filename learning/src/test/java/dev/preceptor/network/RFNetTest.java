package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** make_rfnet_fixture.py computes the expected values with PyTorch in float64. */
class RFNetTest {
    private static final boolean[][] PRESENT = {{true, false, true}, {false, false, true}};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Network network(int inputs, int outputs, List<Integer> widths) {
        return Networks.build(new NetworkSpec(RFNet.NAME, inputs, outputs, Map.of("widths", widths)), 7);
    }

    @Test
    void outputsAndGradientsOfATrainingStepAgreeWithPyTorch() {
        try (PointerScope scope = new PointerScope();
                Network network = network(3, 2, List.of(4, 8))) {
            SubsetGolden golden = SubsetGolden.read("rfnet.safetensors");
            golden.assign(network);
            golden.assertAgrees(network, new Input(golden.array("input"), PRESENT, OptionalLong.of(1)));
        }
    }

    @Test
    void predictionHasTheSameLogitsAndNothingBesides() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(3, 2, List.of(4, 8))) {
            SubsetGolden golden = SubsetGolden.read("rfnet.safetensors");
            golden.assign(network);
            Features features = network.forward(new Input(golden.array("input"), PRESENT));
            assertClose(golden.array("logits"), features.logits(), 1e-5, "logits");
            assertTrue(features.auxiliary().isEmpty());
        }
    }

    @Test
    void allFifteenSubsetsGiveDifferentPredictionsThatDoNotDependOnWhatIsAbsent() {
        try (Network network = network(4, 4, List.of(4, 8))) {
            SubsetGolden.assertAbsentSequencesHaveNoInfluence(network);
        }
    }

    @Test
    void theMapsLearnFromTheirOwnLossAlone() {
        try (PointerScope scope = new PointerScope();
                Network network = network(2, 3, List.of(4, 8))) {
            Tensor images = torch.randn(1, 2, 8, 8, 8);
            Features features = network.forward(new Input(images, new boolean[][] {{true, true}}, OptionalLong.of(1)));
            features.logits().square().mean().backward();
            features.backward();
            network.parameters().asMap().forEach((name, weight) -> {
                boolean isOfMaps = name.startsWith("map.") || name.startsWith("separate.");
                assertEquals(!isOfMaps, weight.grad().defined(), name);
            });
        }
    }

    /** As many as the module of the fixture's script has with these widths. */
    @Test
    void hasTheNumberOfWeightsOfItsSecondWriting() {
        try (Network network = network(4, 4, List.of(16, 32, 64, 128))) {
            assertEquals(8_979_784, network.parameters().count());
        }
    }

    @Test
    void hasTheFeaturesThatItDeclares() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(2, 4, List.of(8, 16, 32))) {
            assertEquals(List.of(8, 16), network.decoderChannels());
            assertEquals(4, network.totalStride());
            Features features = network.forward(torch.zeros(1, 2, 4, 4, 8));
            assertArrayEquals(new long[] {1, 32, 1, 1, 2}, Tensors.shape(features.bottleneck()));
            for (int level = 0; level < 2; level++) {
                assertEquals(network.decoderChannels().get(level), (int)
                        features.decoder(level).size(1));
            }
        }
    }

    @Test
    void widthsThatCannotBeQuarteredAreRefused() {
        assertEquals(
                "network.widths of rfnet must be divisible by 4, not [4, 6]",
                assertThrows(InvalidRecipeException.class, () -> network(2, 4, List.of(4, 6)))
                        .getMessage());
    }
}
