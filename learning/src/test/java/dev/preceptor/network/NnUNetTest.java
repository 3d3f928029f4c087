package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.NnUNet.Encoder;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NnUNetTest {
    private static Network network(int inputs, int outputs, Map<String, Object> arguments) {
        return Networks.build(new NetworkSpec(NnUNet.NAME, inputs, outputs, arguments), 7);
    }

    /** The numbers of PlainConvUNet and ResidualEncoderUNet, which have logits at each of the five decoder stages. */
    @ParameterizedTest
    @CsvSource({"PLAIN, 1, 31196399", "PLAIN, 4, 31198991", "RESIDUAL, 1, 102350575", "RESIDUAL, 4, 102353167"})
    void hasTheNumberOfWeightsOfNnUNet(String encoder, int inputs, long expected) {
        List<Integer> widths = List.of(32, 64, 128, 256, 320, 320);
        try (Network network = network(inputs, 3, Map.of("widths", widths, "encoder", encoder, "heads", 4))) {
            assertEquals(expected, network.parameters().count());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nnunet-plain.safetensors", "nnunet-residual.safetensors"})
    void outputsAndGradientsAgreeWithPyTorch(String fixture) {
        NetworkGolden.assertAgrees(NnUNet.NAME, fixture);
    }

    @ParameterizedTest
    @EnumSource(Encoder.class)
    void givesFeaturesAtEveryLevelAndAsManyDeepLogitsAsItHasHeads(Encoder encoder) {
        Map<String, Object> arguments = Map.of("widths", List.of(4, 8, 12), "encoder", encoder.name(), "heads", 1);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(2, 3, arguments)) {
            Features features = network.forward(torch.randn(1, 2, 8, 12, 16));
            assertArrayEquals(new long[] {1, 3, 8, 12, 16}, Tensors.shape(features.logits()));
            assertEquals(2, features.levels());
            assertArrayEquals(new long[] {1, 4, 8, 12, 16}, Tensors.shape(features.decoder(0)));
            assertArrayEquals(new long[] {1, 8, 4, 6, 8}, Tensors.shape(features.decoder(1)));
            assertArrayEquals(new long[] {1, 12, 2, 3, 4}, Tensors.shape(features.bottleneck()));
            assertEquals(1, features.deep().size());
            assertArrayEquals(
                    new long[] {1, 3, 4, 6, 8}, Tensors.shape(features.deep().get(0)));
            assertEquals(List.of(4, 8), network.decoderChannels());
            assertEquals(12, network.bottleneckChannels());
            assertEquals(4, network.totalStride());
            assertEquals(arguments, network.spec().arguments());
        }
    }

    @Test
    void theEncoderIsPlainUnlessTheSettingsSayOtherwise() {
        try (Network network = network(1, 3, Map.of("widths", List.of(4, 8)))) {
            assertEquals(
                    Map.of("widths", List.of(4, 8), "encoder", "PLAIN", "heads", 0),
                    network.spec().arguments());
        }
    }

    /** The scale of the second norm starts with 0. */
    @Test
    void aFreshResidualBlockPassesOnItsShortcut() {
        try (Network network = network(1, 3, Map.of("widths", List.of(4, 8), "encoder", "RESIDUAL"))) {
            Map<String, Tensor> weights = network.parameters().asMap();
            assertArrayEquals(new float[8], Tensors.toFloats(weights.get("encoder.1.2.1.norm.weight")));
            assertArrayEquals(new float[] {1, 1, 1, 1}, Tensors.toFloats(weights.get("encoder.0.0.0.norm.weight")));
        }
    }

    @ParameterizedTest
    @EnumSource(Initialisation.class)
    void everyInitialisationSuitsConvolutionsWithoutBias(Initialisation initialisation) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(1, 3, Map.of("widths", List.of(4, 8), "encoder", "RESIDUAL"))) {
            initialisation.apply(network.parameters(), 3);
            assertEquals(
                    1,
                    network.forward(torch.randn(1, 1, 4, 4, 4))
                            .logits()
                            .isfinite()
                            .all()
                            .item()
                            .toInt());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "encoder | DENSE | network.encoder of nnunet must be one of [PLAIN, RESIDUAL], not DENSE",
                "heads | 2 | network.heads of nnunet must be a whole number from 0 to 1, not 2",
                "skips | 1 | network nnunet has no setting \"skips\"; it has widths, encoder, heads",
            })
    void refusesInvalidSettings(String key, String value, String message) {
        Object argument = value.matches("\\d+") ? (Object) Integer.valueOf(value) : value;
        assertEquals(
                message,
                assertThrows(
                                InvalidRecipeException.class,
                                () -> network(1, 3, Map.of("widths", List.of(4, 8, 12), key, argument)))
                        .getMessage());
    }
}
