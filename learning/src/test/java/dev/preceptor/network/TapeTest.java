package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.network.Computation.Precision;
import dev.preceptor.network.Computation.Recompute;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The backward pass of whole networks. */
class TapeTest {
    private static final int EDGE = 8;

    @BeforeAll
    static void open() {
        Torch.open();
    }

    static Stream<NetworkSpec> networks() {
        return Stream.of(
                new NetworkSpec("unet", 2, 3, Map.of("widths", List.of(4, 6, 8), "heads", 1)),
                new NetworkSpec("unet", 2, 3, Map.of("widths", List.of(4, 8), "skips", 0)),
                new NetworkSpec("resunet", 2, 3, Map.of("widths", List.of(4, 6, 8), "heads", 1)),
                new NetworkSpec("resunet", 2, 3, Map.of("widths", List.of(4, 8), "attention", "CBAM")),
                new NetworkSpec("nnunet", 2, 3, Map.of("widths", List.of(4, 6, 8), "heads", 1)),
                new NetworkSpec("nnunet", 2, 3, Map.of("widths", List.of(4, 6, 6), "encoder", "RESIDUAL", "heads", 1)),
                new NetworkSpec("multiresunet", 2, 3, Map.of("widths", List.of(6, 8, 8), "heads", 1)),
                new NetworkSpec("u-hemis", 2, 3, Map.of("widths", List.of(4, 8))),
                new NetworkSpec("u-hved", 2, 3, Map.of("widths", List.of(4, 8))),
                new NetworkSpec("rfnet", 2, 3, Map.of("widths", List.of(4, 8))),
                new NetworkSpec("robust-mseg", 2, 3, Map.of("widths", List.of(4, 8))),
                new NetworkSpec("unet", 2, 3, Map.of("widths", List.of(4, 8), "missing", "ZERO")),
                new NetworkSpec("synthesis", 2, 3, Map.of("widths", List.of(4, 8), "synthesised", 2)));
    }

    /** A network whose norms are no longer fresh, so that no branch of a sum starts with scale 0. */
    private static Network build(NetworkSpec spec) {
        Network network = Networks.build(spec, 1);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            torch.manual_seed(3);
            network.parameters().asMap().forEach((name, weight) -> {
                if (name.endsWith("weight") && weight.dim() == 1) {
                    weight.add_(torch.rand_like(weight));
                }
            });
        }
        return network;
    }

    /** Without RFNet, which cuts the gradient of its maps; PyTorch computes it in RFNetTest. */
    static Stream<NetworkSpec> differentiableNetworks() {
        return networks().filter(spec -> !spec.name().equals(RFNet.NAME));
    }

    /** Compares the directional derivative along the gradient with a central difference. */
    @ParameterizedTest
    @MethodSource("differentiableNetworks")
    void theGradientPredictsHowTheLossChanges(NetworkSpec spec) {
        try (PointerScope scope = new PointerScope();
                Network network = build(spec)) {
            Tensor input = input();
            Map<String, Tensor> gradients = gradients(network, input, Computation.PLAIN);
            double squared = gradients.values().stream()
                    .mapToDouble(g -> g.square().sum().item().toDouble())
                    .sum();
            double step = 1e-3 / Math.sqrt(squared);
            move(network, gradients, step);
            double above = loss(network, input);
            move(network, gradients, -2 * step);
            double below = loss(network, input);
            assertEquals(1, (above - below) / (2 * step * squared), 0.02);
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void recomputedStagesGiveTheSameGradients(NetworkSpec spec) {
        try (PointerScope scope = new PointerScope();
                Network network = build(spec)) {
            Map<String, Tensor> kept = gradients(network, input(), Computation.PLAIN);
            Map<String, Tensor> recomputed = gradients(
                    network,
                    input(),
                    new Computation(Precision.FLOAT32, Recompute.STAGES, Computation.Convolutions.DIRECT));
            assertClose(joined(kept), joined(recomputed), 1e-6, "gradients");
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void bfloat16GivesLogitsToTwoDigitsAndGradientsOfTheSameDirection(NetworkSpec spec) {
        Computation half = new Computation(Precision.BFLOAT16, Recompute.NOTHING, Computation.Convolutions.DIRECT);
        try (PointerScope scope = new PointerScope();
                Network network = build(spec)) {
            try (NoGradGuard guard = new NoGradGuard()) {
                Tensor rounded = network.forward(input(), half).logits();
                assertEquals(torch.ScalarType.Float, rounded.scalar_type().intern());
                assertClose(network.forward(input()).logits(), rounded, 0.05, "logits");
            }
            Tensor plain = joined(gradients(network, input(), Computation.PLAIN));
            Tensor rounded = joined(gradients(network, input(), half));
            double cosine = plain.mul(rounded).sum().item().toDouble()
                    / Math.sqrt(plain.square().sum().item().toDouble()
                            * rounded.square().sum().item().toDouble());
            assertTrue(cosine > 0.95, "cosine " + cosine);
        }
    }

    @Test
    void gradientsOfSeveralForwardPassesAddUp() {
        try (PointerScope scope = new PointerScope();
                Network network = Networks.build(networks().findFirst().orElseThrow(), 1)) {
            Map<String, Tensor> once = gradients(network, input(), Computation.PLAIN);
            Features first = network.forward(input());
            Features second = network.forward(input());
            lossOf(first).add(lossOf(second)).backward();
            second.backward();
            first.backward();
            network.parameters()
                    .asMap()
                    .forEach((name, weight) ->
                            assertClose(once.get(name).mul(new Scalar(2.0)), weight.grad(), 1e-5, name));
        }
    }

    @Test
    void withoutGradientsThereIsNoBackwardPass() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = Networks.build(networks().findFirst().orElseThrow(), 1)) {
            Features features = network.forward(input());
            assertFalse(features.logits().requires_grad());
            assertThrows(IllegalStateException.class, features::backward);
        }
    }

    private static Tensor input() {
        torch.manual_seed(2);
        return torch.randn(1, 2, EDGE, EDGE, EDGE);
    }

    private static Map<String, Tensor> gradients(Network network, Tensor input, Computation computation) {
        network.parameters().clearGradients();
        Features features = forward(network, input, computation);
        lossOf(features).backward();
        features.backward();
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        network.parameters()
                .asMap()
                .forEach((name, weight) ->
                        gradients.put(name, ArrayData.of(weight.grad()).toTensor()));
        network.parameters().clearGradients();
        return gradients;
    }

    /** The forward pass of a training step, in which a network has all its outputs. */
    private static Features forward(Network network, Tensor input, Computation computation) {
        return network.forward(new Input(input, new boolean[][] {{true, true}}, OptionalLong.of(3)), computation);
    }

    /** A loss that depends on every output of a network. */
    private static Tensor lossOf(Features features) {
        List<Tensor> parts = new ArrayList<>(features.deep());
        parts.add(features.logits());
        parts.add(features.bottleneck());
        parts.addAll(features.auxiliary().values());
        for (int level = 0; level < features.levels(); level++) {
            parts.add(features.decoder(level));
        }
        return parts.stream()
                .map(part -> part.square().mean())
                .reduce(Tensor::add)
                .orElseThrow();
    }

    private static double loss(Network network, Tensor input) {
        try (NoGradGuard guard = new NoGradGuard()) {
            return lossOf(forward(network, input, Computation.PLAIN)).item().toDouble();
        }
    }

    private static void move(Network network, Map<String, Tensor> direction, double step) {
        try (NoGradGuard guard = new NoGradGuard()) {
            network.parameters().asMap().forEach((name, weight) -> weight.add_(direction.get(name), new Scalar(step)));
        }
    }

    private static Tensor joined(Map<String, Tensor> tensors) {
        return Tensors.cat(tensors.values().stream().map(t -> t.reshape(-1)).toList(), 0);
    }
}
