package dev.preceptor.loss;

import dev.preceptor.distill.CountedVoxels;
import dev.preceptor.network.TargetEncoding;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Losses between the output channels of a network and a target, both [B, K, X, Y, Z]; each gives one number. */
public final class SegmentationLosses {
    private static final SupervisedLoss.Dice PLAIN = new SupervisedLoss.Dice(1, 1e-5, 0, false, true);
    private static final long NO_REDUCTION = 0;
    private static final long[] SPACE = {2, 3, 4};
    private static final long[] BATCH_AND_SPACE = {0, 2, 3, 4};

    private SegmentationLosses() {}

    /**
     * One minus the soft Dice, averaged over channels (and samples): {@code (2 sum(p y) + s) / (sum p + sum y + s)} with
     * s = 1e-5 (methods.md 1.4, A6).
     *
     * @param pooled whether the sums run over the batch too
     */
    public static Tensor dice(Tensor probabilities, Tensor target, boolean pooled) {
        return dice(probabilities, target, pooled, PLAIN);
    }

    /** Dice of the given kind. */
    static Tensor dice(Tensor probabilities, Tensor target, boolean pooled, SupervisedLoss.Dice kind) {
        long[] axes = pooled ? BATCH_AND_SPACE : SPACE;
        Scalar smooth = new Scalar(kind.smooth());
        Tensor overlap =
                probabilities.mul(target).sum(axes).mul(new Scalar(2.0)).add(smooth);
        Tensor claimed = kind.squared() ? probabilities.mul(probabilities) : probabilities;
        Tensor present = kind.squared() ? target.mul(target) : target;
        Tensor sizes = claimed.sum(axes).add(present.sum(axes)).add(smooth);
        if (kind.epsilon() > 0) {
            sizes = sizes.add(new Scalar(kind.epsilon()));
        }
        return torch.ones_like(overlap).sub(overlap.div(sizes)).mean();
    }

    /** One minus the Tversky index, averaged over channels (and samples). */
    static Tensor tversky(Tensor probabilities, Tensor target, boolean pooled, SupervisedLoss.Tversky kind) {
        long[] axes = pooled ? BATCH_AND_SPACE : SPACE;
        Scalar smooth = new Scalar(kind.smooth());
        Tensor overlap = probabilities.mul(target).sum(axes);
        Tensor falsely = probabilities.sum(axes).sub(overlap).mul(new Scalar(kind.alpha()));
        Tensor missed = target.sum(axes).sub(overlap).mul(new Scalar(kind.beta()));
        Tensor sizes = overlap.add(falsely).add(missed).add(smooth);
        return torch.ones_like(overlap).sub(overlap.add(smooth).div(sizes)).mean();
    }

    /** Cross-entropy of hard targets: binary per region channel, or over the class channels; the mean over voxels. */
    public static Tensor crossEntropy(TargetEncoding targetEncoding, Tensor logits, Tensor target) {
        return switch (targetEncoding) {
            case REGIONS -> torch.binary_cross_entropy_with_logits(logits, target);
            case CLASSES ->
                torch.log_softmax(logits, 1)
                        .mul(target)
                        .sum(new long[] {1})
                        .mean()
                        .neg();
        };
    }

    /** The same over the voxels that count. */
    public static Tensor crossEntropy(
            TargetEncoding targetEncoding, Tensor logits, Tensor target, CountedVoxels counted) {
        return counted.isAll()
                ? crossEntropy(targetEncoding, logits, target)
                : counted.mean(voxelwise(targetEncoding, logits, target));
    }

    /** Cross-entropy of hard targets before its mean: [B, K, X, Y, Z] of regions, [B, X, Y, Z] of classes. */
    static Tensor voxelwise(TargetEncoding targetEncoding, Tensor logits, Tensor target) {
        return switch (targetEncoding) {
            case REGIONS ->
                torch.binary_cross_entropy_with_logits(
                        logits, target, new TensorOptional(), new TensorOptional(), NO_REDUCTION);
            case CLASSES ->
                torch.log_softmax(logits, 1).mul(target).sum(new long[] {1}).neg();
        };
    }

    /** Focal loss, the mean over voxels that count. */
    static Tensor focal(
            TargetEncoding targetEncoding,
            Tensor logits,
            Tensor target,
            SupervisedLoss.Focal kind,
            CountedVoxels counted) {
        Tensor entropy = voxelwise(targetEncoding, logits, target);
        // 1 - p, where p = exp(-entropy) is the probability of what is true.
        Tensor wrong = entropy.neg().expm1().neg();
        Tensor focal = kind.gamma() == 0
                ? entropy
                : wrong.pow(new Scalar(kind.gamma())).mul(entropy);
        if (kind.alpha() > 0) {
            Tensor balance = target.mul(new Scalar(2 * kind.alpha() - 1)).add(new Scalar(1 - kind.alpha()));
            focal = focal.mul(balance);
        }
        return counted.mean(focal);
    }

    /** The mean of the largest values, a share of them all and at least one; 0 if there is none. */
    static Tensor worst(Tensor values, double share) {
        Tensor flat = values.reshape(-1);
        if (flat.numel() == 0) {
            return flat.sum();
        }
        long count = Math.max(1, (long) (flat.numel() * share));
        return torch.topk(flat, count, 0, true, false).get0().mean();
    }

    /** The activation of the channels: sigmoid of regions, softmax of classes. */
    public static Tensor activation(TargetEncoding targetEncoding, Tensor logits) {
        return switch (targetEncoding) {
            case REGIONS -> logits.sigmoid();
            case CLASSES -> torch.softmax(logits, 1);
        };
    }
}
