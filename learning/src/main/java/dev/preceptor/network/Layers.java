package dev.preceptor.network;

import static org.bytedeco.pytorch.global.torch.leaky_relu_;
import static org.bytedeco.pytorch.global.torch.max_pool3d;
import static org.bytedeco.pytorch.global.torch.upsample_trilinear3d;

import dev.preceptor.tensor.Tensors;
import java.util.Arrays;
import java.util.Optional;
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

    /** The axes of a tensor [B, C, X, Y, Z] that are places. */
    static final long[] SPACE = {2, 3, 4};

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
    static ConvolutionOp conv(Parameters parameters, String name, int in, int out, int kernel) {
        return conv(parameters, name, in, out, kernel, 1);
    }

    /**
     * Convolution with zero padding that divides each extent by the stride; its weights are {@code name.weight} and
     * {@code name.bias}.
     *
     * @param kernel odd edge of the kernel
     */
    static ConvolutionOp conv(Parameters parameters, String name, int in, int out, int kernel, int stride) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, out, in, kernel, kernel, kernel);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(out));
            return new Convolution(weight, bias, stride);
        }
    }

    /** Transposed convolution that doubles each extent and keeps the channels: kernel 2, stride 2. */
    static ConvolutionOp doublingConv(Parameters parameters, String name, int channels) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = heNormal(parameters, name, channels, channels, 2, 2, 2);
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(channels));
            return new TransposedConvolution(weight, bias);
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
     * GroupNorm with scale and shift, {@code name.weight} and {@code name.bias}.
     *
     * @param isActivated whether LeakyReLU follows
     */
    static Norm groupNorm(Parameters parameters, String name, int channels, int groups, boolean isActivated) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = parameters.declare(name + ".weight", torch.ones(channels));
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(channels));
            return new Norm(groups, Optional.of(new Norm.Affine(weight, bias)), isActivated);
        }
    }

    /** LeakyReLU in place. */
    static Tensor leakyReluInPlace(Tensor x) {
        return leaky_relu_(x, new Scalar(SLOPE));
    }

    /** A number for each channel, [B, C], as [B, C, 1, 1, 1]. */
    static Tensor spread(Tensor channels) {
        return channels.view(channels.size(0), channels.size(1), 1, 1, 1);
    }

    /** Halves each axis by the maximum of 2x2x2 voxels. */
    static Tensor maxPool2(Tensor x) {
        return max_pool3d(x, 2, 2, 2);
    }

    /** Doubles each axis, trilinear, {@code align_corners} false. */
    static Tensor upsample2(Tensor x) {
        return upsample_trilinear3d(x, new long[] {2 * x.size(2), 2 * x.size(3), 2 * x.size(4)}, false);
    }
}
