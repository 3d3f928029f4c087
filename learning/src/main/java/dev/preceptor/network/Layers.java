package dev.preceptor.network;

import static org.bytedeco.pytorch.global.torch.group_norm;
import static org.bytedeco.pytorch.global.torch.leaky_relu_;
import static org.bytedeco.pytorch.global.torch.max_pool3d;
import static org.bytedeco.pytorch.global.torch.upsample_trilinear3d;

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
    private static final long[] ONE = {1, 1, 1};

    private Layers() {}

    /** A function of a tensor. */
    @FunctionalInterface
    interface Layer {
        Tensor apply(Tensor x);

        /** This layer, then another. */
        default Layer then(Layer next) {
            return x -> next.apply(apply(x));
        }
    }

    /**
     * Convolution with stride 1 and zero padding that keeps the size, He-normal weights for {@link #SLOPE} (fan-in) and
     * zero bias; its weights are {@code name.weight} and {@code name.bias}.
     *
     * @param kernel odd edge of the kernel
     */
    static Layer conv(Parameters parameters, String name, int in, int out, int kernel) {
        double deviation = Math.sqrt(2 / (1 + SLOPE * SLOPE) / ((double) in * kernel * kernel * kernel));
        try (PointerScope scope = new PointerScope();
                Scalar scale = new Scalar(deviation)) {
            Tensor weight = parameters.declare(
                    name + ".weight",
                    torch.randn(out, in, kernel, kernel, kernel).mul_(scale));
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(out));
            long pad = kernel / 2;
            return x -> torch.conv3d(x, weight, new TensorOptional(bias), ONE, new long[] {pad, pad, pad}, ONE, 1);
        }
    }

    /**
     * InstanceNorm with scale and shift, {@code name.weight} and {@code name.bias}; population variance, eps 1e-5. Computed
     * as GroupNorm with a group for each channel, which is the same and four times as fast on the CPU.
     */
    static Layer instanceNorm(Parameters parameters, String name, int channels) {
        try (PointerScope scope = new PointerScope()) {
            Tensor weight = parameters.declare(name + ".weight", torch.ones(channels));
            Tensor bias = parameters.declare(name + ".bias", torch.zeros(channels));
            return x ->
                    group_norm(x, channels, new TensorOptional(weight), new TensorOptional(bias), NORM_EPSILON, false);
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
