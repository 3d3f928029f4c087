package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class UNetTest {
    private static final List<Integer> PAPER = List.of(30, 60, 120, 240, 480);

    private static Network network(int inputs, int outputs, List<Integer> widths, int skips) {
        return Networks.build(new NetworkSpec(UNet.NAME, inputs, outputs, Map.of("widths", widths, "skips", skips)), 7);
    }

    /** The counts follow from the paper's architecture. */
    @ParameterizedTest
    @CsvSource({"1, 4, 14490633", "4, 4, 14493063", "1, 0, 12425133", "4, 0, 12427563"})
    void hasTheNumberOfWeightsOfThePaper(int inputs, int skips, long expected) {
        try (Network network = network(inputs, 3, PAPER, skips)) {
            assertEquals(expected, network.parameters().count());
        }
    }

    /** The stages of 240 and 480, and of 120 and 240 channels, counted by hand. */
    @ParameterizedTest
    @CsvSource({"1, 6222960", "2, 12446280"})
    void theDeepWeightsAreThoseOfTheLowestLevels(int levels, long expected) {
        try (Network network = network(1, 3, PAPER, 4)) {
            assertEquals(
                    expected,
                    network.deepWeights(levels).stream()
                            .mapToLong(name ->
                                    network.parameters().asMap().get(name).numel())
                            .sum());
            assertEquals(network.deepWeights(4), network.deepWeights(5));
            assertTrue(network.deepWeights(5).stream().noneMatch(name -> name.startsWith("encoder.0.")));
        }
    }

    @Test
    void givesFeaturesOfEveryLevel() {
        try (Network network = network(2, 3, List.of(4, 8, 16, 32), 3);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Features features = network.forward(torch.zeros(1, 2, 16, 24, 8));
            assertArrayEquals(new long[] {1, 3, 16, 24, 8}, Tensors.shape(features.logits()));
            assertArrayEquals(new long[] {1, 16, 2, 3, 1}, Tensors.shape(features.bottleneck()));
            assertEquals(3, features.levels());
            assertArrayEquals(new long[] {1, 4, 16, 24, 8}, Tensors.shape(features.decoder(0)));
            assertArrayEquals(new long[] {1, 4, 8, 12, 4}, Tensors.shape(features.decoder(1)));
            assertArrayEquals(new long[] {1, 8, 4, 6, 2}, Tensors.shape(features.decoder(2)));
        }
    }

    @Test
    void theSameSeedGivesTheSameWeightsAndAnotherSeedDifferentOnes() {
        NetworkSpec spec = new NetworkSpec(UNet.NAME, 1, 3, Map.of("widths", List.of(2, 4)));
        try (Network first = Networks.build(spec, 1);
                Network second = Networks.build(spec, 1);
                Network other = Networks.build(spec, 2)) {
            String name = "encoder.0.0.conv.weight";
            float[] expected = Tensors.toFloats(first.parameters().asMap().get(name));
            assertArrayEquals(
                    expected, Tensors.toFloats(second.parameters().asMap().get(name)));
            assertTrue(!Arrays.equals(
                    expected, Tensors.toFloats(other.parameters().asMap().get(name))));
        }
    }

    @Nested
    class Refuses {
        @Test
        void anUnknownNetwork() {
            assertThrows(
                    InvalidRecipeException.class, () -> Networks.build(new NetworkSpec("vnet", 1, 3, Map.of()), 0));
        }

        @Test
        void anUnknownSetting() {
            assertThrows(
                    InvalidRecipeException.class,
                    () -> Networks.build(
                            new NetworkSpec(UNet.NAME, 1, 3, Map.of("widths", List.of(2, 4), "depth", 2)), 0));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, 4096})
        void aWidthOutOfRange(int width) {
            assertThrows(InvalidRecipeException.class, () -> network(1, 3, List.of(4, width), 1));
        }

        @Test
        void moreSkipsThanStages() {
            assertThrows(InvalidRecipeException.class, () -> network(1, 3, List.of(4, 8), 2));
        }
    }

    /** make_unet_fixture.py computes the expected values with PyTorch in float64. */
    @ParameterizedTest
    @ValueSource(strings = {"unet.safetensors", "unet-one-skip.safetensors"})
    void forwardAgreesWithPyTorch(String fixture) {
        Safetensors file = GoldenFiles.read(fixture);
        JsonNode spec = Settings.JSON.readTree(file.metadata().get("network"));
        List<Integer> widths = List.of(Settings.JSON.convertValue(spec.get("widths"), Integer[].class));
        try (Network network = network(
                        spec.get("inputs").intValue(),
                        spec.get("outputs").intValue(),
                        widths,
                        spec.get("skips").intValue());
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            file.arrays().forEach((name, array) -> {
                if (name.startsWith("weights/")) {
                    weights.put(name.substring("weights/".length()), array.toTensor());
                }
            });
            network.parameters().assign(weights);
            Features features = network.forward(file.arrays().get("input").toTensor());
            assertClose(file.arrays().get("logits"), features.logits());
            assertClose(file.arrays().get("bottleneck"), features.bottleneck());
        }
    }

    /** Each value to 1e-5 of the largest: in float32 a value near zero is a difference of large ones. */
    private static void assertClose(ArrayData expected, Tensor found) {
        float[] exact = Tensors.toFloats(expected.toTensor());
        float[] values = Tensors.toFloats(found);
        assertArrayEquals(expected.shape(), Tensors.shape(found));
        float largest = 0;
        for (float value : exact) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < exact.length; i++) {
            assertEquals(exact[i], values[i], 1e-5 * (Math.abs(exact[i]) + largest), "value " + i);
        }
    }
}
