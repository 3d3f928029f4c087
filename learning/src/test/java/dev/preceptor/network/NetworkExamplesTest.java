package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.distill.Method;
import dev.preceptor.network.Tape.Value;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The examples in the Javadoc of {@link Network}, {@link Features}, {@link Tape} and {@link Method}. */
class NetworkExamplesTest {
    private static final NetworkSpec SPEC = new NetworkSpec("unet", 1, 3, Map.of("widths", List.of(8, 16, 32)));

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void aNetworkGivesLogits() {
        try (PointerScope scope = new PointerScope();
                Network network = Networks.build(SPEC, 42)) {
            Tensor logits = network.forward(torch.randn(1, 1, 32, 32, 32)).logits();
            assertArrayEquals(new long[] {1, 3, 32, 32, 32}, Tensors.shape(logits));
        }
    }

    @Test
    void theBackwardPassOfALossContinuesIntoTheNetwork() {
        try (PointerScope scope = new PointerScope();
                Network network = Networks.build(SPEC, 42)) {
            Tensor target = torch.zeros(1, 3, 8, 8, 8);
            Features features = network.forward(torch.randn(1, 1, 8, 8, 8));
            Tensor loss = features.logits().sub(target).square().mean();
            loss.backward();
            features.backward();
            assertTrue(network.parameters().asMap().get("head.weight").grad().defined());
        }
    }

    @Test
    void aForwardPassOnATapeGivesFeatures() {
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new Parameters()) {
            ConvolutionOp conv1 = Layers.conv(parameters, "conv1", 1, 4, 3);
            NormActivation activation = Layers.groupNorm(parameters, "norm1", 4, 4, true);
            ConvolutionOp conv2 = Layers.conv(parameters, "conv2", 4, 4, 3);
            NormActivation norm = Layers.groupNorm(parameters, "norm2", 4, 4, true);
            ConvolutionOp head = Layers.conv(parameters, "head", 4, 3, 1);
            Tape tape = Tape.of(Computation.PLAIN);
            Value x = tape.convolve(conv1, tape.input(Input.complete(torch.randn(1, 1, 8, 8, 8))));
            Value features = tape.apply(norm, tape.convolve(conv2, activation, x));
            Value logits = tape.convolve(head, features);
            Features outputs = new Features(tape, logits, List.of(features), features, List.of());
            assertArrayEquals(new long[] {1, 3, 8, 8, 8}, Tensors.shape(outputs.logits()));
        }
    }

    @Test
    void aMethodHasNetworksByRole() {
        Recipe recipe = Recipe.load("kd-net-small", List.of());
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), new Device("cpu"))) {
            assertEquals(
                    List.of("teacher sees [T1, T1CE, T2, FLAIR]", "student sees [T1CE]"),
                    method.roles().stream()
                            .map(role -> role.name() + " sees " + role.inputs())
                            .toList());
        }
    }
}
