package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SynthesisUNetTest {
    private static final Map<String, Object> ARGUMENTS =
            Map.of("widths", List.of(4, 6), "generatorWidths", List.of(3, 5), "synthesised", 2);

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static SynthesisNetwork network() {
        return (SynthesisNetwork) Networks.build(new NetworkSpec(SynthesisUNet.NAME, 1, 3, ARGUMENTS), 1);
    }

    private static void assertClose(Tensor expected, Tensor found) {
        assertArrayEquals(Tensors.shape(expected), Tensors.shape(found));
        float largest = expected.abs().max().item().toFloat();
        assertArrayEquals(Tensors.toFloats(expected), Tensors.toFloats(found), 1e-5f * largest);
    }

    /** make_synthesis_fixture.py computes the expected values with PyTorch in float64. */
    @Test
    void forwardAgreesWithPyTorchFrozenOrNot() {
        Safetensors file = GoldenFiles.read("synthesis.safetensors");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                SynthesisNetwork network = network()) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            file.arrays().forEach((name, array) -> {
                if (name.startsWith("weights/")) {
                    weights.put(name.substring("weights/".length()), array.toTensor());
                }
            });
            network.parameters().assign(weights);
            Tensor image = file.arrays().get("input").toTensor();
            Features features = network.forward(image);
            Tensor logits = file.arrays().get("logits").toTensor();
            assertClose(logits, features.logits());
            assertClose(
                    file.arrays().get("images").toTensor(), features.auxiliary().get(Auxiliary.SYNTHESIS.of(0, 0)));
            assertClose(
                    logits,
                    network.forwardFrozen(Input.complete(image), Computation.PLAIN)
                            .logits());
        }
    }

    @Test
    void gradientsReachTheGeneratorUnlessItIsFrozen() {
        try (PointerScope scope = new PointerScope();
                SynthesisNetwork network = network()) {
            Input input = Input.complete(torch.randn(1, 1, 4, 4, 4));
            Features frozen = network.forwardFrozen(input, Computation.PLAIN);
            frozen.logits().square().sum().backward();
            frozen.backward();
            Map<String, Tensor> weights = network.parameters().asMap();
            weights.forEach((name, weight) ->
                    assertEquals(name.startsWith("segmenter."), weight.grad().defined(), name));
            Features features = network.forward(input);
            features.logits().square().sum().backward();
            features.backward();
            weights.forEach((name, weight) -> assertTrue(weight.grad().defined(), name));
        }
    }

    @Test
    void theWeightsAreThoseOfBothUNets() {
        try (SynthesisNetwork network = network()) {
            assertEquals(
                    network.generator().parameters().count()
                            + network.segmenter().parameters().count(),
                    network.parameters().count());
            assertFalse(network.parameters().asMap().isEmpty());
            network.close();
            assertTrue(network.parameters().asMap().isEmpty());
        }
    }

    /** 14,490,571 from one image to one, 14,491,443 from two to three. */
    @Test
    void hasTheWeightsOfTwoUNetsOfThePaper() {
        NetworkSpec spec = new NetworkSpec(SynthesisUNet.NAME, 1, 3, Map.of("widths", List.of(30, 60, 120, 240, 480)));
        try (Network network = Networks.build(spec, 1)) {
            assertEquals(28_982_014, network.parameters().count());
        }
    }

    @Test
    void refusesGeneratorWidthsOfAnotherDepth() {
        NetworkSpec spec = new NetworkSpec(
                SynthesisUNet.NAME, 1, 3, Map.of("widths", List.of(4, 6), "generatorWidths", List.of(4, 6, 8)));
        String message = assertThrows(InvalidRecipeException.class, () -> Networks.build(spec, 1))
                .getMessage();
        assertTrue(message.contains("generatorWidths"), message);
    }
}
