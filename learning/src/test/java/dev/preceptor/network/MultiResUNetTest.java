package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultiResUNetTest {
    private static Network network(int inputs, List<Integer> widths, int heads) {
        return Networks.build(
                new NetworkSpec(MultiResUNet.NAME, inputs, 3, Map.of("widths", widths, "heads", heads)), 7);
    }

    @ParameterizedTest
    @CsvSource({
        "32, 8, 17, 26, 51",
        "64, 17, 35, 53, 105",
        "128, 35, 71, 106, 212",
        "256, 71, 142, 213, 426",
        "512, 142, 284, 427, 853",
        "4, 1, 2, 3, 6"
    })
    void aBlockHasTheChannelsOfTheAuthorsCode(int width, int first, int second, int third, int block) {
        assertEquals(List.of(first, second, third), MultiResUNet.channels(width));
        try (Network network = network(1, List.of(width, 4), 0)) {
            assertEquals(List.of(block), network.decoderChannels());
        }
    }

    /** The numbers of weights of make_network_fixture.py's network. */
    @ParameterizedTest
    @CsvSource({"1, 23170519", "4, 23171320"})
    void hasTheNumberOfWeightsOfTheSecondWriting(int inputs, long expected) {
        try (Network network = network(inputs, List.of(32, 64, 128, 256, 512), 0)) {
            assertEquals(expected, network.parameters().count());
        }
    }

    @Test
    void outputsAndGradientsAgreeWithPyTorch() {
        NetworkGolden.assertAgrees(MultiResUNet.NAME, "multiresunet.safetensors");
    }

    @Test
    void givesFeaturesAtEveryLevelAndAsManyDeepLogitsAsItHasHeads() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(2, List.of(4, 8, 12), 1)) {
            Features features = network.forward(torch.randn(1, 2, 8, 12, 16));
            assertArrayEquals(new long[] {1, 3, 8, 12, 16}, Tensors.shape(features.logits()));
            assertEquals(2, features.levels());
            assertArrayEquals(new long[] {1, 6, 8, 12, 16}, Tensors.shape(features.decoder(0)));
            assertArrayEquals(new long[] {1, 12, 4, 6, 8}, Tensors.shape(features.decoder(1)));
            assertArrayEquals(new long[] {1, 19, 2, 3, 4}, Tensors.shape(features.bottleneck()));
            assertEquals(1, features.deep().size());
            assertArrayEquals(
                    new long[] {1, 3, 4, 6, 8}, Tensors.shape(features.deep().get(0)));
            assertEquals(List.of(6, 12), network.decoderChannels());
            assertEquals(19, network.bottleneckChannels());
            assertEquals(4, network.totalStride());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "heads | 2 | network.heads of multiresunet must be a whole number from 0 to 1, not 2",
                "skips | 1 | network multiresunet has no setting \"skips\"; it has widths, heads",
            })
    void refusesInvalidSettings(String key, int value, String message) {
        NetworkSpec spec = new NetworkSpec(MultiResUNet.NAME, 1, 3, Map.of("widths", List.of(4, 8, 12), key, value));
        assertEquals(
                message,
                assertThrows(InvalidRecipeException.class, () -> Networks.build(spec, 1))
                        .getMessage());
    }

    @Test
    void refusesAWidthThatLeavesAConvolutionWithoutChannels() {
        assertEquals(
                "network.widths of multiresunet must be a whole number from 4 to 2048, not 3",
                assertThrows(InvalidRecipeException.class, () -> network(1, List.of(3, 4), 0))
                        .getMessage());
    }
}
