package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * GroupNorm (Wu and He, ECCV 2018, arXiv 1803.08494), with LeakyReLU after it where asked for; InstanceNorm is that with a group
 * for each channel. Population variance, eps 1e-5.
 *
 * <p>libtorch's own kernel for channels-last tensors sums voxel after voxel in float32 and is off by 1e-4 on large volumes;
 * this one sums in cascades and keeps 1e-6 (docs/decisions/012).
 *
 * @param groups how many groups the channels form
 * @param affine scale and shift of each channel, if there are any
 * @param isActivated whether LeakyReLU follows
 */
record Norm(int groups, Optional<Affine> affine, boolean isActivated) implements Mixing {
    private static final double EPSILON = 1e-5;
    private static final long[] SPACE = {2, 3, 4};

    /**
     * @param weight scale of each channel [C]
     * @param bias shift of each channel [C]
     */
    record Affine(Tensor weight, Tensor bias) {}

    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        return apply(x, Moments.of(x, groups));
    }

    private Tensor apply(Tensor x, Moments moments) {
        Tensor scale = scaled(moments.inverse());
        Tensor shift = moments.mean().mul(scale).neg();
        Tensor shifted = affine.map(a -> shift.add(a.bias())).orElse(shift);
        Tensor y = torch.addcmul(spread(shifted), x, spread(scale));
        return isActivated ? Layers.leakyReluInPlace(y) : y;
    }

    @Override
    public Again again(List<Tensor> inputs, List<Boolean> wanted) {
        Tensor x = inputs.get(0);
        Moments moments = Moments.of(x, groups);
        Tensor y = apply(x, moments);
        return new Again(y, gradient -> List.of(back(gradient, x, y, moments)));
    }

    private Tensor back(Tensor gradient, Tensor x, Tensor y, Moments moments) {
        Tensor g = isActivated ? torch.leaky_relu_backward(gradient, y, new Scalar(Layers.SLOPE), true) : gradient;
        Tensor sum = g.sum(SPACE);
        Tensor inverse = moments.inverse();
        Tensor normed = g.mul(x).sum(SPACE).sub(moments.mean().mul(sum)).mul(inverse);
        affine.ifPresent(a -> {
            Tensors.addGradient(a.weight(), normed.sum(0));
            Tensors.addGradient(a.bias(), sum.sum(0));
        });
        Tensor mean = moments.pooled(scaled(sum), x);
        Tensor slope = moments.pooled(scaled(normed), x).mul(inverse);
        Tensor constant = slope.mul(moments.mean()).sub(mean).mul(inverse);
        Tensor back =
                torch.addcmul(spread(constant), x, spread(slope.mul(inverse).neg()));
        return back.addcmul_(g, spread(scaled(inverse)));
    }

    private Tensor scaled(Tensor channels) {
        return affine.map(a -> channels.mul(a.weight())).orElse(channels);
    }

    /** [B, C] as [B, C, 1, 1, 1]. */
    private static Tensor spread(Tensor channels) {
        return channels.view(channels.size(0), channels.size(1), 1, 1, 1);
    }

    /**
     * @param groups of the channels
     * @param mean of the group of each channel [B, C]
     * @param inverse one over the deviation of the group of each channel [B, C]
     */
    private record Moments(int groups, Tensor mean, Tensor inverse) {
        static Moments of(Tensor x, int groups) {
            Tensor mean = pooled(x.mean(SPACE), groups);
            Tensor variance =
                    pooled(x.square().mean(SPACE), groups).sub(mean.square()).clamp_min(new Scalar(0.0));
            return new Moments(groups, mean, variance.add(new Scalar(EPSILON)).rsqrt());
        }

        /** Sums of channels as means of their group over channels and voxels. */
        Tensor pooled(Tensor sums, Tensor x) {
            return pooled(sums.div(new Scalar((double) (x.size(2) * x.size(3) * x.size(4)))), groups);
        }

        private static Tensor pooled(Tensor channels, int groups) {
            if (groups == channels.size(1)) {
                return channels;
            }
            long each = channels.size(1) / groups;
            return channels.view(-1, groups, each)
                    .mean(new long[] {2})
                    .unsqueeze(2)
                    .expand(-1, -1, each)
                    .reshape(-1, channels.size(1));
        }
    }
}
