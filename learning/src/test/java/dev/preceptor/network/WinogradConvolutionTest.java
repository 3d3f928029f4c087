package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.network.Computation.Convolutions;
import dev.preceptor.network.Computation.Recompute;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Winograd's convolutions against libtorch's convolution in float64 and its autograd. */
class WinogradConvolutionTest {
    private static final long[] ONE = {1, 1, 1};

    /** Relative to the largest value; a direct convolution in float32 stays within 1e-6. */
    private static final double TOLERANCE = 1e-5;

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @AfterEach
    void oneThread() {
        torch.set_num_threads(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void outputsAndGradientsAreThoseOfAConvolutionInFloat64(int threads) {
        torch.set_num_threads(threads);
        for (long seed = 0; seed < 12; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            check(
                    new long[] {
                        random.nextInt(1, 4),
                        random.nextInt(16, 40),
                        random.nextInt(9, 20),
                        random.nextInt(6, 14),
                        random.nextInt(6, 14)
                    },
                    random.nextInt(16, 40),
                    random.nextBoolean(),
                    seed);
        }
    }

    /** Two tiles; one plane or three in the last tile; lines; several blocks of tiles. */
    @ParameterizedTest
    @CsvSource({"8, 8, 8", "9, 8, 8", "11, 7, 5", "320, 1, 1", "16, 40, 1", "13, 64, 80"})
    void outputsAndGradientsAreRightAtTheEndsOfTilesAndBlocks(int x, int y, int z) {
        check(new long[] {1, 20, x, y, z}, 17, true, 1);
    }

    private static void check(long[] shape, int out, boolean hasBias, long seed) {
        String message =
                "seed " + seed + ", " + List.of(shape[0], shape[1], shape[2], shape[3], shape[4]) + " to " + out;
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new Parameters()) {
            torch.manual_seed(seed);
            Convolution direct = (Convolution)
                    (hasBias
                            ? Layers.conv(parameters, "k", (int) shape[1], out, 3)
                            : Layers.convWithoutBias(parameters, "k", (int) shape[1], out, 3));
            WinogradConvolution winograd = new WinogradConvolution(direct);
            Tensor x = torch.randn(shape);
            assertTrue(winograd.isFaster(x), message);
            Tensor leaf = x.to(torch.ScalarType.Double).set_requires_grad(true);
            Tensor weight = direct.weight().detach().to(torch.ScalarType.Double).set_requires_grad(true);
            Tensor bias = torch.rand(out).to(torch.ScalarType.Double);
            try (NoGradGuard guard = new NoGradGuard()) {
                direct.bias().ifPresent(b -> b.copy_(bias));
            }
            bias.set_requires_grad(true);
            Tensor expected = torch.conv3d(
                    leaf, weight, hasBias ? new TensorOptional(bias) : new TensorOptional(), ONE, ONE, ONE, 1);
            Tensor gradient = torch.randn_like(expected).detach();
            Tensors.backward(expected, gradient);
            try (NoGradGuard guard = new NoGradGuard()) {
                assertClose(expected, winograd.apply(x), TOLERANCE, message);
                Tensor plain = gradient.to(torch.ScalarType.Float);
                Tensor back = winograd.backward(plain, x, true);
                assertClose(leaf.grad(), back, TOLERANCE, message + ": gradient of the input");
                assertClose(weight.grad(), direct.weight().grad(), TOLERANCE, message + ": gradient of the weights");
                direct.bias().ifPresent(b -> assertClose(bias.grad(), b.grad(), TOLERANCE, message + ": of the bias"));
                assertFalse(winograd.backward(plain, x, false).defined(), message);
            }
        }
    }

    @Test
    void theSameInputGivesTheSameBytesWithAnyNumberOfThreads() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Parameters parameters = new Parameters()) {
            WinogradConvolution winograd =
                    new WinogradConvolution((Convolution) Layers.conv(parameters, "k", 18, 22, 3));
            Tensor x = torch.randn(2, 18, 9, 30, 31);
            torch.set_num_threads(1);
            float[] expected = Tensors.toFloats(winograd.apply(x));
            for (int threads = 1; threads <= 3; threads++) {
                torch.set_num_threads(threads);
                assertArrayEquals(expected, Tensors.toFloats(winograd.apply(x)), threads + " threads");
            }
        }
    }

    @Test
    void aNetworkHasTheSameLogitsAndGradientsWithBothAlgorithms() {
        NetworkSpec spec = new NetworkSpec(UNet.NAME, 1, 3, Map.of("widths", List.of(16, 24)));
        try (PointerScope scope = new PointerScope();
                Network network = Networks.build(spec, 1)) {
            torch.manual_seed(5);
            Tensor x = torch.randn(2, 1, 16, 16, 16);
            Tensor direct = step(network, x, Convolutions.DIRECT);
            List<Tensor> gradients = network.parameters().asMap().values().stream()
                    .map(weight -> weight.grad().clone())
                    .toList();
            Tensor winograd = step(network, x, Convolutions.WINOGRAD);
            assertFalse(Arrays.equals(Tensors.toFloats(direct), Tensors.toFloats(winograd)), "both are direct");
            assertClose(direct, winograd, TOLERANCE, "logits");
            assertClose(
                    joined(gradients),
                    joined(network.parameters().asMap().values().stream()
                            .map(Tensor::grad)
                            .toList()),
                    1e-4,
                    "gradients");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unet", "resunet", "nnunet", "multiresunet", "u-hemis", "u-hved"})
    void probabilitiesOfAModelAreThoseOfDirectConvolutionsToTheFourthDecimal(String name) {
        NetworkSpec spec = new NetworkSpec(name, 1, 3, Map.of("widths", List.of(32, 48, 64)));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = Networks.build(spec, 1)) {
            torch.manual_seed(6);
            Tensor x = torch.randn(1, 1, 32, 32, 32);
            float[] direct = probabilities(network, x, Computation.PLAIN);
            float[] winograd = probabilities(network, x, Computation.PREDICTION);
            assertFalse(Arrays.equals(direct, winograd), "both are direct");
            assertArrayEquals(direct, winograd, 1e-4f);
        }
    }

    private static float[] probabilities(Network network, Tensor x, Computation computation) {
        return Tensors.toFloats(network.forward(x, computation).logits().sigmoid());
    }

    private static Tensor step(Network network, Tensor x, Convolutions convolutions) {
        network.parameters().clearGradients();
        Features features =
                network.forward(x, new Computation(Computation.Precision.FLOAT32, Recompute.NOTHING, convolutions));
        features.logits().square().mean().backward();
        Tensor logits = features.logits().detach().clone();
        features.backward();
        return logits;
    }

    private static Tensor joined(List<Tensor> tensors) {
        return Tensors.cat(tensors.stream().map(tensor -> tensor.reshape(-1)).toList(), 0);
    }

    @Test
    void aNormOfALargeTensorIsConvolvedSlabBySlab() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Parameters parameters = new Parameters()) {
            torch.manual_seed(4);
            Tensor x = torch.randn(1, 16, 67, 128, 128).contiguous(torch.MemoryFormat.ChannelsLast3d);
            assertTrue(Slabs.of(x).count() > 1);
            NormActivation norm = new NormActivation(
                    16, Optional.of(new NormActivation.ScaleShift(torch.rand(16), torch.randn(16))), 0.01);
            WinogradConvolution winograd =
                    new WinogradConvolution((Convolution) Layers.conv(parameters, "k", 16, 16, 3));
            Tensor expected = winograd.apply(norm.apply(List.of(x)));
            assertClose(expected, winograd.apply(norm, List.of(x)), 1e-6, "slabs");
        }
    }

    @Test
    void otherKernelsStridesAndFewChannelsAreConvolvedDirectly() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Parameters parameters = new Parameters()) {
            Tensor x = torch.randn(1, 16, 16, 16, 16);
            for (ConvolutionOp layer : List.of(
                    Layers.conv(parameters, "kernel", 16, 16, 5),
                    Layers.conv(parameters, "stride", 16, 16, 3, 2),
                    Layers.conv(parameters, "channels", 16, 3, 3))) {
                WinogradConvolution winograd = new WinogradConvolution((Convolution) layer);
                assertFalse(winograd.isFaster(x));
                assertClose(layer.apply(x), winograd.apply(x), 0, "direct");
            }
        }
    }
}
