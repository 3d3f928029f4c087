package dev.preceptor.network;

import static org.bytedeco.pytorch.global.torch.conv_transpose3d;
import static org.bytedeco.pytorch.global.torch.group_norm;
import static org.bytedeco.pytorch.global.torch.leaky_relu_;
import static org.bytedeco.pytorch.global.torch.max_pool3d;
import static org.bytedeco.pytorch.global.torch.upsample_trilinear3d;

import dev.preceptor.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The layers of our networks. Each declares its weights once and is then a function of a tensor [B, C, X, Y, Z];
 * numeric conventions are those of methods.md 8.1.
 */
final class Layers {
    /** Negative slope of every LeakyReLU, as in nnU-Net. */
    static final double SLOPE = 0.01;

    private static final double NORM_EPSILON = 1e-5;
    private static final long[] NONE = {0, 0, 0};
    private static final long[] ONE = {1, 1, 1};
    private static final long[] TWO = {2, 2, 2};

    private Layers() {}

    /** A function of a tensor. */
    @FunctionalInterface
    interface Layer {
        Tensor apply(Tensor x);

        /** This layer, then another. */
        default Layer then(Layer next) {
            return x -> next.apply(apply(x));
        }

        /** The same, holding on to nothing but its result and what the backward pass needs. */
        default Layer scoped() {
            return x -> Tensors.scoped(() -> apply(x));
        }
    }

    /** Convolution with stride 1: {@link #conv(Parameters, String, int, int, int, int)}. */
    static Layer conv(Parameters parameters, String name, int in, int out, int kernel) {
        return conv(parameters, name, in, out, kernel, 1);
    }

    /**
     * Convolution with zero padding that divides each extent by the stride; its weights are {@code name.weight} and
     * {@code name.bias}.
     *
     * @param kernel odd edge of the kernel
     */
    static Layer conv(Parameters parameters, String name, int in, int out, int kernel, int stride) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, out, in, kernel, kernel, kernel);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(out));
            long pad = kernel / 2;
            long[] padding = {pad, pad, pad};
            long[] strides = {stride, stride, stride};
            return x -> torch.conv3d(x, weight, new TensorOptional(bias), strides, padding, ONE, 1);
        }
    }

    /** Transposed convolution that doubles each extent and keeps the channels: kernel 2, stride 2. */
    static Layer doublingConv(Parameters parameters, String name, int channels) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, channels, channels, 2, 2, 2);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(channels));
            return x -> conv_transpose3d(x, weight, new TensorOptional(bias), TWO, NONE, NONE, 1, ONE);
        }
    }

    /** A linear map of the channels of a tensor [B, C]. */
    static Layer linear(Parameters parameters, String name, int in, int out) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, out, in);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(out));
            return x -> torch.linear(x, weight, new TensorOptional(bias));
        }
    }

    /** He-normal weights for {@link #SLOPE}; the fan-in is the product of all extents but the first. */
    private static Tensor heNormal(Parameters parameters, String name, long... shape) {
        double fanIn = Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
        try (Scalar scale = new Scalar(Math.sqrt(2 / (1 + SLOPE * SLOPE) / fanIn))) {
            return parameters.declare(name + ".weight", torch.randn(shape).mul_(scale));
        }
    }

    /**
     * InstanceNorm with scale and shift, {@code name.weight} and {@code name.bias}; population variance, eps 1e-5. Computed
     * as GroupNorm with a group for each channel, which is the same and four times as fast on the CPU.
     */
    static Layer instanceNorm(Parameters parameters, String name, int channels) {
        return groupNorm(parameters, name, channels, channels);
    }

    /** InstanceNorm without scale and shift. */
    static Tensor instanceNorm(Tensor x) {
        return group_norm(x, x.size(1), new TensorOptional(), new TensorOptional(), NORM_EPSILON, false);
    }

    /** GroupNorm with scale and shift, {@code name.weight} and {@code name.bias}; population variance, eps 1e-5. */
    static Layer groupNorm(Parameters parameters, String name, int channels, int groups) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = parameters.declare(name + ".weight", torch.ones(channels));
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(channels));
            return x ->
                    group_norm(x, groups, new TensorOptional(weight), new TensorOptional(bias), NORM_EPSILON, false);
        }
    }

    /** LeakyReLU in place: the normalisation before it keeps its input, not its output, for the backward pass. */
    static Tensor leakyReluInPlace(Tensor x) {
        return leaky_relu_(x, new Scalar(SLOPE));
    }

    /** Halves each axis by the maximum of 2x2x2 voxels. */
    static Tensor halve(Tensor x) {
        return max_pool3d(x, 2, 2, 2);
    }

    /** Doubles each axis, trilinear, {@code align_corners} false. */
    static Tensor twice(Tensor x) {
        return upsample_trilinear3d(x, new long[] {2 * x.size(2), 2 * x.size(3), 2 * x.size(4)}, false);
    }
}
