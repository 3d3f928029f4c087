package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs and gradients of convolutions, norms and gates against libtorch's operators and its autograd. */
class ConvolutionOpTest {
    private static final long[] ONE = {1, 1, 1};
    private static final long[] TWO = {2, 2, 2};
    private static final long[] NONE = {0, 0, 0};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @ParameterizedTest
    @CsvSource({
        // batch, in, out, edge, kernel, stride: one channel, small planes, large planes, several samples, strides, one
        // voxel
        "1, 1, 3, 8, 3, 1",
        "2, 1, 3, 8, 3, 1",
        "1, 4, 6, 6, 3, 1",
        "1, 16, 4, 38, 3, 1",
        "2, 5, 3, 6, 3, 1",
        "1, 4, 6, 8, 3, 2",
        "3, 4, 6, 8, 3, 2",
        "1, 6, 4, 5, 1, 1",
        "2, 6, 4, 5, 1, 1",
        "1, 2, 1, 9, 7, 1"
    })
    void aConvolutionAndItsGradientsAreThoseOfLibtorch(int batch, int in, int out, int edge, int kernel, int stride) {
        long[] strides = {stride, stride, stride};
        long[] padding = {kernel / 2, kernel / 2, kernel / 2};
        compare(
                parameters -> Layers.conv(parameters, "k", in, out, kernel, stride),
                (x, weights) ->
                        torch.conv3d(x, weights.get(0), new TensorOptional(weights.get(1)), strides, padding, ONE, 1),
                new long[] {batch, in, edge, edge, edge});
    }

    /** oneDNN leaves some of these gradients unwritten (docs/decisions/033), which shows where the memory was used before. */
    @ParameterizedTest
    @CsvSource({"1, 2, 3", "2, 2, 3", "1, 3, 3", "2, 1, 3", "1, 3, 7", "2, 6, 7", "1, 8, 7"})
    void gradientsInBfloat16AreComputedWhereAnImageIsThinnerThanTheKernel(int batch, int thickness, int kernel) {
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new Parameters();
                NoGradGuard guard = new NoGradGuard()) {
            torch.manual_seed(5);
            ConvolutionOp convolution = Layers.conv(parameters, "k", 16, 32, kernel, 1);
            Tensor x = last(torch.randn(batch, 16, thickness, 8, 3));
            Tensor gradient = last(torch.randn(batch, 32, thickness, 8, 3));
            Tensor wholeX = convolution.backward(gradient, x, true);
            Tensor whole = parameters.asMap().get("k.weight").grad().clone();
            parameters.clearGradients();
            for (int size = 16; size < 1 << 20; size *= 2) {
                try (PointerScope used = new PointerScope()) {
                    torch.empty(size).fill_(new Scalar(Float.NaN));
                }
            }
            Tensor halfX = convolution.backward(half(gradient), half(x), true);
            assertClose(wholeX, halfX.to(torch.ScalarType.Float), 0.02, "gradient of the input");
            assertClose(whole, parameters.asMap().get("k.weight").grad(), 0.02, "gradient of the weights");
        }
    }

    private static Tensor half(Tensor x) {
        return x.to(torch.ScalarType.BFloat16);
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 1", "1, 6, 1", "2, 6, 3", "1, 16, 3"})
    void aConvolutionWithoutBiasAndItsGradientsAreThoseOfLibtorch(int batch, int edge, int kernel) {
        long[] padding = {kernel / 2, kernel / 2, kernel / 2};
        compare(
                parameters -> Layers.convWithoutBias(parameters, "k", 4, 6, kernel),
                (x, weights) -> torch.conv3d(x, weights.get(0), new TensorOptional(), ONE, padding, ONE, 1),
                new long[] {batch, 4, edge, edge, edge});
    }

    @ParameterizedTest
    @CsvSource({"1, 6, 6, 3", "2, 4, 4, 5", "2, 6, 4, 3", "1, 3, 5, 4"})
    void aTransposedConvolutionAndItsGradientsAreThoseOfLibtorch(int batch, int in, int out, int edge) {
        compare(
                parameters -> Layers.transposedConv(parameters, "k", in, out),
                (x, weights) -> torch.conv_transpose3d(
                        x, weights.get(0), new TensorOptional(weights.get(1)), TWO, NONE, NONE, 1, ONE),
                new long[] {batch, in, edge, edge, edge});
    }

    @ParameterizedTest
    @CsvSource({"1, 6, 6, 0.01", "2, 6, 3, 0.01", "2, 6, 1, 1", "1, 6, 2, 1", "1, 4, 4, 0.2", "2, 6, 6, 0"})
    void aNormAndItsGradientsAreThoseOfLibtorch(int batch, int channels, int groups, double slope) {
        compareRecomputed(
                parameters -> {
                    NormActivation norm = Layers.groupNorm(parameters, "n", channels, groups, slope);
                    return randomised(norm, parameters);
                },
                (x, weights) -> normed(x, groups, weights.subList(0, 2), slope),
                new long[] {batch, channels, 5, 6, 7},
                channels);
    }

    /** The ends of the blocks of NnUNet and MultiResUNet. */
    @ParameterizedTest
    @CsvSource({"1, 6, 0.01, true", "2, 4, 0.01, false", "1, 4, 1, true", "2, 6, 1, false", "2, 4, 0, true"})
    void aResidualSumAndItsGradientsAreThoseOfLibtorch(int batch, int channels, double slope, boolean isNormed) {
        compareRecomputed(
                parameters -> {
                    NormActivation main = Layers.groupNorm(parameters, "a", channels, channels, 0.0);
                    Optional<RecomputedOp> shortcut = isNormed
                            ? Optional.of(Layers.groupNorm(parameters, "b", channels, channels, false))
                            : Optional.empty();
                    return randomised(new ResidualSum(main, shortcut, slope), parameters);
                },
                (x, weights) -> {
                    Tensor main = normed(x.narrow(1, 0, channels), channels, weights.subList(0, 2), 0);
                    Tensor last = x.narrow(1, channels, channels);
                    Tensor shortcut = isNormed ? normed(last, channels, weights.subList(2, 4), 1) : last;
                    return torch.leaky_relu(main.add(shortcut), new Scalar(slope));
                },
                new long[] {batch, 2 * channels, 5, 6, 7},
                channels);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aConcatenationOfNormsWithANormBehindItHasTheGradientsOfLibtorch(int batch) {
        compareRecomputed(
                parameters -> {
                    NormActivation first = Layers.groupNorm(parameters, "a", 2, 2, 0.0);
                    NormActivation second = Layers.groupNorm(parameters, "b", 4, 4, true);
                    return randomised(
                            new NormConcat(List.of(first, second)).then(Layers.groupNorm(parameters, "c", 6, 3, true)),
                            parameters);
                },
                (x, weights) -> {
                    Tensor first = normed(x.narrow(1, 0, 2), 2, weights.subList(0, 2), 0);
                    Tensor second = normed(x.narrow(1, 2, 4), 4, weights.subList(2, 4), Layers.SLOPE);
                    return normed(Tensors.cat(List.of(first, second), 1), 3, weights.subList(4, 6), Layers.SLOPE);
                },
                new long[] {batch, 6, 5, 6, 7},
                2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aConcatenationAndItsGradientsAreThoseOfLibtorch(int batch) {
        compareRecomputed(parameters -> new Concat(), (x, weights) -> x.clone(), new long[] {batch, 6, 4, 5, 6}, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void averagePoolingAndItsGradientsAreThoseOfLibtorch(int batch) {
        compareRecomputed(
                parameters -> new AveragePool(),
                (x, weights) -> torch.avg_pool3d(x, 2, 2, 2),
                new long[] {batch, 4, 4, 6, 8},
                4);
    }

    /** @param affine scale and shift */
    private static Tensor normed(Tensor x, int groups, List<Tensor> affine, double slope) {
        Tensor normed = torch.group_norm(
                x, groups, new TensorOptional(affine.get(0)), new TensorOptional(affine.get(1)), 1e-5, false);
        return torch.leaky_relu(normed, new Scalar(slope));
    }

    private static RecomputedOp randomised(RecomputedOp op, Parameters parameters) {
        try (NoGradGuard guard = new NoGradGuard()) {
            parameters.asMap().values().forEach(weight -> weight.add_(torch.rand_like(weight)));
        }
        return op;
    }

    @ParameterizedTest
    @ValueSource(doubles = {Layers.SLOPE, NormActivation.LINEAR})
    void aNormIsPreciseWhereTheMeanIsLarge(double slope) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            torch.manual_seed(3);
            Tensor x = torch.randn(1, 4, 40, 40, 40).add(new Scalar(3.0));
            Tensor exact = torch.group_norm(x.to(torch.ScalarType.Double), 2);
            assertClose(
                    torch.leaky_relu(exact, new Scalar(slope)),
                    new NormActivation(2, Optional.empty(), slope).apply(List.of(last(x))),
                    1e-5,
                    "norm");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "2, 20"})
    void aChannelGateAndItsGradientsAreThoseOfPlainReductions(int batch, int channels) {
        compareRecomputed(
                parameters -> Attention.CHANNEL.concatGate(parameters, "g", channels),
                (x, weights) -> {
                    Tensor voxels = x.flatten(2, 4);
                    Tensor gate = perceptron(voxels.mean(2), weights)
                            .add(perceptron(new Tensor(voxels.max(2).get0()), weights))
                            .sigmoid();
                    return x.mul(gate.view(batch, channels, 1, 1, 1));
                },
                new long[] {batch, channels, 5, 6, 7},
                channels / 4);
    }

    private static Tensor perceptron(Tensor x, List<Tensor> weights) {
        Tensor hidden = torch.leaky_relu(
                torch.linear(x, weights.get(0), new TensorOptional(weights.get(1))), new Scalar(Layers.SLOPE));
        return torch.linear(hidden, weights.get(2), new TensorOptional(weights.get(3)));
    }

    private static void compare(Function<Parameters, ConvolutionOp> layer, Gradients.Plain plain, long... shape) {
        for (int seed = 0; seed < 3; seed++) {
            try (PointerScope scope = new PointerScope();
                    Parameters parameters = new Parameters()) {
                torch.manual_seed(seed);
                ConvolutionOp convolutionOp = layer.apply(parameters);
                Tensor x = torch.randn(shape);
                Gradients expected = Gradients.of(plain, x, parameters);
                try (NoGradGuard guard = new NoGradGuard()) {
                    Tensor y = convolutionOp.apply(last(x));
                    Tensor back = convolutionOp.backward(last(expected.gradient()), last(x), true);
                    expected.check(y, back, parameters, "seed " + seed);
                }
            }
        }
    }

    /** @param first channels of the first input; the remaining channels are the second input */
    private static void compareRecomputed(
            Function<Parameters, RecomputedOp> operation, Gradients.Plain plain, long[] shape, int first) {
        for (int seed = 0; seed < 3; seed++) {
            try (PointerScope scope = new PointerScope();
                    Parameters parameters = new Parameters()) {
                torch.manual_seed(seed);
                RecomputedOp op = operation.apply(parameters);
                Tensor x = torch.randn(shape);
                Gradients expected = Gradients.of(plain, x, parameters);
                try (NoGradGuard guard = new NoGradGuard()) {
                    List<Tensor> parts = first == shape[1]
                            ? List.of(last(x))
                            : List.of(last(x.narrow(1, 0, first)), last(x.narrow(1, first, shape[1] - first)));
                    List<Boolean> requiresGrad =
                            parts.stream().map(part -> true).toList();
                    RecomputedOp.ForwardResult result = op.forward(parts);
                    RecomputedOp.Recomputation recomputation = op.recompute(parts, result.savedTensors(), requiresGrad);
                    assertClose(result.output(), recomputation.output().get(), 0, "recomputed, seed " + seed);
                    Tensor back = Tensors.cat(
                            recomputation
                                    .backward()
                                    .apply(last(expected.gradient().clone())),
                            1);
                    expected.check(result.output(), back, parameters, "seed " + seed);
                }
            }
        }
    }

    private static Tensor last(Tensor x) {
        return x.contiguous(torch.MemoryFormat.ChannelsLast3d);
    }
}
