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
 * <p>libtorch's own kernel for channels-last tensors adds up voxel after voxel in float32 and is off by 1e-4 on large volumes;
 * here sums are those of libtorch's reductions, which keep 1e-6 (docs/decisions/012).
 *
 * @param groups how many groups the channels form
 * @param affine scale and shift of each channel, if there are any
 * @param isActivated whether LeakyReLU follows
 */
record Norm(int groups, Optional<Affine> affine, boolean isActivated) implements RecomputedOp {
    private static final double EPSILON = 1e-5;

    /**
     * @param weight scale of each channel [C]
     * @param bias shift of each channel [C]
     */
    record Affine(Tensor weight, Tensor bias) {}

    @Override
    public Tensor apply(List<Tensor> inputs) {
        return forward(inputs).output();
    }

    /** Notes mean and inverse deviation of the group of each channel, [B, C]. */
    @Override
    public ForwardResult forward(List<Tensor> inputs) {
        Tensor x = inputs.get(0);
        Tensor mean = pooled(x.mean(Layers.SPACE));
        Tensor variance =
                pooled(x.square().mean(Layers.SPACE)).sub(mean.square()).clamp_min(new Scalar(0.0));
        List<Tensor> notes = List.of(mean, variance.add(new Scalar(EPSILON)).rsqrt());
        return new ForwardResult(normalised(x, notes), notes);
    }

    private Tensor normalised(Tensor x, List<Tensor> notes) {
        Tensor scale = scaled(notes.get(1));
        Tensor shift = notes.get(0).mul(scale).neg();
        Tensor shifted = affine.map(a -> shift.add(a.bias())).orElse(shift);
        Tensor y = torch.addcmul(Layers.spread(shifted), x, Layers.spread(scale));
        return isActivated ? Layers.leakyReluInPlace(y) : y;
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> notes, List<Boolean> wanted) {
        Tensor x = inputs.get(0);
        if (!isActivated) {
            return new Recomputation(() -> normalised(x, notes), gradient -> List.of(back(gradient, x, notes)), false);
        }
        Tensor y = normalised(x, notes);
        return new Recomputation(
                () -> y,
                gradient -> {
                    torch.leaky_relu_backward_out(gradient, gradient, y, new Scalar(Layers.SLOPE), true);
                    return List.of(back(gradient, x, notes));
                },
                true);
    }

    /** From the gradient of the normalised to that of x: one linear function of both for each channel. */
    private Tensor back(Tensor gradient, Tensor x, List<Tensor> notes) {
        Tensor mean = notes.get(0);
        Tensor inverse = notes.get(1);
        Tensor sum = gradient.sum(Layers.SPACE);
        Tensor back = gradient.mul(x);
        Tensor normed = back.sum(Layers.SPACE).sub(mean.mul(sum)).mul(inverse);
        affine.ifPresent(a -> {
            Tensors.addGradient(a.weight(), normed.sum(0));
            Tensors.addGradient(a.bias(), sum.sum(0));
        });
        Scalar voxels = new Scalar((double) (x.size(2) * x.size(3) * x.size(4)));
        Tensor level = pooled(scaled(sum).div(voxels));
        Tensor slope = pooled(scaled(normed).div(voxels)).mul(inverse);
        Tensor constant = slope.mul(mean).sub(level).mul(inverse);
        torch.addcmul_out(
                back,
                Layers.spread(constant),
                x,
                Layers.spread(slope.mul(inverse).neg()));
        return back.addcmul_(gradient, Layers.spread(scaled(inverse)));
    }

    private Tensor scaled(Tensor channels) {
        return affine.map(a -> channels.mul(a.weight())).orElse(channels);
    }

    /** The mean over the group of each channel, [B, C]. */
    private Tensor pooled(Tensor channels) {
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
