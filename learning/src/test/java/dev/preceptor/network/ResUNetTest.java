package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Shapes and settings of the network; {@code MtcmKdGoldenTest} compares its values with the reference. */
class ResUNetTest {
    private static NetworkSpec spec(Map<String, Object> arguments) {
        return new NetworkSpec("resunet", 2, 3, arguments);
    }

    @ParameterizedTest
    @EnumSource(Attention.class)
    void givesFeaturesAtEveryLevelAndAsManyDeepLogitsAsItHasHeads(Attention attention) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = Networks.build(
                        spec(Map.of("widths", List.of(4, 8, 12), "attention", attention.name(), "heads", 1)), 1)) {
            Features features = network.forward(torch.randn(1, 2, 8, 12, 16));
            assertArrayEquals(new long[] {1, 3, 8, 12, 16}, Tensors.shape(features.logits()));
            assertArrayEquals(new long[] {1, 4, 8, 12, 16}, Tensors.shape(features.decoder(0)));
            assertArrayEquals(new long[] {1, 8, 4, 6, 8}, Tensors.shape(features.decoder(1)));
            assertArrayEquals(new long[] {1, 12, 2, 3, 4}, Tensors.shape(features.bottleneck()));
            assertEquals(1, features.deep().size());
            assertArrayEquals(
                    new long[] {1, 3, 4, 6, 8}, Tensors.shape(features.deep().get(0)));
            assertEquals(List.of(4, 8), network.decoderChannels());
            assertEquals(4, network.totalStride());
        }
    }

    @ParameterizedTest
    @CsvSource({"384, 6", "192, 6", "96, 6", "24, 6", "256, 4", "32, 4", "8, 4", "9, 3", "2, 2", "7, 1"})
    void thereAreSixGroupsIfTheyDivideTheChannelsElseFewer(int channels, int groups) {
        assertEquals(groups, ResUNet.groups(channels));
    }

    @Test
    void knowsTheNamesOfTheReference() {
        assertEquals(Optional.of("stem.conv2.bias"), ReferenceNames.ofNetwork("input_layer.3.bias"));
        assertEquals(
                Optional.of("decoder.0.block.skip.norm.weight"),
                ReferenceNames.ofNetwork("up_residual_conv_3.conv_skip.1.weight"));
        assertEquals(Optional.empty(), ReferenceNames.ofNetwork("up_residual_conv_4.conv_skip.1.weight"));
        assertEquals(
                Optional.of("gate.2.channel.expand.bias"), ReferenceNames.ofFusion("channel_attention3.mlp.3.bias"));
        assertEquals(Optional.of("evidence.0.weight"), ReferenceNames.ofFusion("intermediate_conv1.weight"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "attention | SPATIAL | network.attention of resunet must be one of [CHANNEL, CBAM], not SPATIAL",
                "heads | 2 | network.heads of resunet must be a whole number from 0 to 1, not 2",
                "skips | 1 | network resunet has no setting \"skips\"; it has widths, attention, heads",
            })
    void refusesInvalidSettings(String key, String value, String message) {
        Object argument = value.matches("\\d+") ? (Object) Integer.valueOf(value) : value;
        String found = assertThrows(
                        InvalidRecipeException.class,
                        () -> Networks.build(spec(Map.of("widths", List.of(4, 8, 12), key, argument)), 1))
                .getMessage();
        assertEquals(message, found);
        assertTrue(found.lines().count() == 1);
    }

    @Test
    void weightsHaveTheDistributionOfTheInitialisation() {
        for (Initialisation initialisation : Initialisation.values()) {
            try (PointerScope scope = new PointerScope();
                    Network network = Networks.build(spec(Map.of("widths", List.of(32, 64))), 1)) {
                initialisation.apply(network.parameters(), 3);
                double fanIn = 32 * 27;
                double fanOut = 64 * 27;
                double expected = switch (initialisation) {
                    case HE_NORMAL -> Math.sqrt(2 / (1 + 0.0001) / fanIn);
                    case XAVIER_NORMAL -> Math.sqrt(2 / (fanIn + fanOut));
                    case PYTORCH -> 1 / Math.sqrt(3 * fanIn);
                };
                double deviation = network.parameters()
                        .asMap()
                        .get("encoder.1.conv1.weight")
                        .std()
                        .item()
                        .toDouble();
                assertEquals(expected, deviation, 0.02 * expected, initialisation.name());
            }
        }
    }
}
