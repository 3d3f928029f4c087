package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Builds layers: each method declares the weights of a layer, drawn from libtorch's generator, and returns the layer as a
 * function of tensors [B, C, X, Y, Z]. Weights are He-normal (He et al., ICCV 2015) and biases zero, as in nnU-Net.
 */
public final class Layers {
    /** Negative slope of LeakyReLU in nnU-Net; {@link NormActivation} has this slope unless told otherwise. */
    public static final double SLOPE = 0.01;

    /** The spatial axes of a tensor [B, C, X, Y, Z]. */
    static final long[] SPACE = {2, 3, 4};

    private Layers() {}

    /** A function of a tensor. */
    @FunctionalInterface
    public interface Layer {
        Tensor apply(Tensor x);

        /**
         * Adds the nodes of this layer to a graph. By default a layer has no such form.
         *
         * @param x the name of the input in the graph
         * @return the name of the output
         * @throws dev.preceptor.base.PreceptorException if the layer cannot be written
         */
        default String export(OnnxGraph graph, String x) {
            throw NotExportable.of(this, "Layer.export");
        }

        /** This layer, then another. */
        default Layer then(Layer next) {
            return new Chain(this, next);
        }

        /** This layer, freeing every intermediate tensor that autograd does not need. */
        default Layer scoped() {
            return x -> Tensors.scoped(() -> apply(x));
        }
    }

    /** Two layers, one after the other. */
    private record Chain(Layer first, Layer second) implements Layer {
        @Override
        public Tensor apply(Tensor x) {
            return second.apply(first.apply(x));
        }

        @Override
        public String export(OnnxGraph graph, String x) {
            return second.export(graph, first.export(graph, x));
        }
    }

    /** A linear map of the channels, from [B, in] to [B, out] by a weight [out, in] and a bias [out]. */
    private record Linear(Tensor weight, Tensor bias) implements Layer {
        @Override
        public Tensor apply(Tensor x) {
            return torch.linear(x, weight, new TensorOptional(bias));
        }

        @Override
        public String export(OnnxGraph graph, String x) {
            return graph.node("Gemm", List.of(x, graph.weight(weight), graph.weight(bias)), Attribute.of("transB", 1));
        }
    }

    /** A convolution with stride 1: {@link #conv(Parameters, String, int, int, int, int)}. */
    public static ConvolutionOp conv(Parameters parameters, String name, int in, int out, int kernel) {
        return conv(parameters, name, in, out, kernel, 1);
    }

    /**
     * A convolution with zero padding and the weights {@code name.weight} and {@code name.bias}; it divides each extent by
     * the stride.
     *
     * @param in input channels
     * @param out output channels
     * @param kernel edge of the kernel in voxels, odd
     * @param stride 1 or 2
     */
    public static ConvolutionOp conv(Parameters parameters, String name, int in, int out, int kernel, int stride) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, out, in, kernel, kernel, kernel);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(out));
            return new Convolution(weight, Optional.of(bias), stride);
        }
    }

    /** A convolution with stride 1 and no bias, for a norm that would subtract it. */
    public static ConvolutionOp convWithoutBias(Parameters parameters, String name, int in, int out, int kernel) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, out, in, kernel, kernel, kernel);
            return new Convolution(weight, Optional.empty(), 1);
        }
    }

    /**
     * A convolution without padding, for inputs that are padded already.
     *
     * @param kernel edge of the kernel in voxels
     * @param stride 1 or 2
     * @param hasBias whether it has the weights {@code name.bias}
     */
    static ConvolutionOp unpaddedConv(
            Parameters parameters, String name, int in, int out, int kernel, int stride, boolean hasBias) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, out, in, kernel, kernel, kernel);
            Optional<Tensor> bias =
                    hasBias ? Optional.of(parameters.declare(name + ".bias", torch.zeros(out))) : Optional.empty();
            return new Convolution(weight, bias, stride, 0);
        }
    }

    /**
     * A transposed convolution with kernel 2 and stride 2 that doubles each extent.
     *
     * @param in input channels
     * @param out output channels
     */
    public static ConvolutionOp transposedConv(Parameters parameters, String name, int in, int out) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, in, out, 2, 2, 2);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(out));
            return new TransposedConvolution(weight, bias);
        }
    }

    /** A linear map of the channels, [B, in] to [B, out]. */
    public static Layer linear(Parameters parameters, String name, int in, int out) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, out, in);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(out));
            return new Linear(weight, bias);
        }
    }

    /** He-normal weights for {@link #SLOPE}; the fan-in is the product of all extents but the first. */
    private static Tensor heNormal(Parameters parameters, String name, long... shape) {
        double fanIn = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
        try (Scalar scale = new Scalar(Math.sqrt(2 / (1 + SLOPE * SLOPE) / fanIn))) {
            Tensor initial =
                    StoredWeights.initial(shape, () -> torch.randn(shape).mul_(scale));
            return parameters.declare(name + ".weight", initial);
        }
    }

    /**
     * GroupNorm with scale {@code name.weight} (1 at first) and shift {@code name.bias} (0 at first).
     *
     * @param groups divides the channels; as many as channels for InstanceNorm
     * @param isActivated whether LeakyReLU with {@link #SLOPE} follows
     */
    public static NormActivation groupNorm(
            Parameters parameters, String name, int channels, int groups, boolean isActivated) {
        return groupNorm(parameters, name, channels, groups, isActivated ? SLOPE : NormActivation.LINEAR);
    }

    /**
     * GroupNorm as above, with another activation.
     *
     * @param slope {@link NormActivation#slope}
     */
    public static NormActivation groupNorm(Parameters parameters, String name, int channels, int groups, double slope) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = parameters.declare(name + ".weight", torch.ones(channels));
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(channels));
            return new NormActivation(groups, Optional.of(new NormActivation.ScaleShift(weight, bias)), slope);
        }
    }

    /** LeakyReLU in place; ReLU with slope 0. */
    static Tensor leakyReluInPlace(Tensor x, double slope) {
        // What an operation in place returns does not own the tensor, which a scope could then free.
        torch.leaky_relu_(x, new Scalar(slope));
        return x;
    }

    /** A number for each channel, [B, C], as [B, C, 1, 1, 1], which broadcasts over the voxels. */
    static Tensor perChannel(Tensor channels) {
        return channels.view(channels.size(0), channels.size(1), 1, 1, 1);
    }
}
