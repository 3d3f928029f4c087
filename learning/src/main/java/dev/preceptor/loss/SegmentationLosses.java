package dev.preceptor.loss;

import dev.preceptor.network.TargetEncoding;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Losses between logits or probabilities and a target, both [B, K, X, Y, Z]; each result is one number. */
public final class SegmentationLosses {
    private static final SupervisedLoss.Dice PLAIN = new SupervisedLoss.Dice(1, 1e-5, 0, false, true);
    private static final long NO_REDUCTION = 0;
    private static final long[] SPACE = {2, 3, 4};
    private static final long[] BATCH_AND_SPACE = {0, 2, 3, 4};

    private SegmentationLosses() {}

    /**
     * One minus the soft Dice {@code (2 sum(p y) + s) / (sum p + sum y + s)} with s = 1e-5 (Milletari et al., 3DV 2016), the
     * mean over channels and samples.
     *
     * @param pooled whether the sums run over the batch too; then the mean is over channels
     */
    public static Tensor dice(Tensor probabilities, Tensor target, boolean pooled) {
        return dice(probabilities, target, pooled, PLAIN);
    }

    /** One minus the soft Dice with these settings. */
    static Tensor dice(Tensor probabilities, Tensor target, boolean pooled, SupervisedLoss.Dice settings) {
        long[] axes = pooled ? BATCH_AND_SPACE : SPACE;
        Scalar smooth = new Scalar(settings.smooth());
        Tensor overlap =
                probabilities.mul(target).sum(axes).mul(new Scalar(2.0)).add(smooth);
        Tensor predicted = settings.squared() ? probabilities.mul(probabilities) : probabilities;
        Tensor reference = settings.squared() ? target.mul(target) : target;
        Tensor sizes = predicted.sum(axes).add(reference.sum(axes)).add(smooth);
        if (settings.epsilon() > 0) {
            sizes = sizes.add(new Scalar(settings.epsilon()));
        }
        return torch.ones_like(overlap).sub(overlap.div(sizes)).mean();
    }

    /**
     * One minus the Dice as a semimetric, {@code sum|p - q| / (sum p + sum q + 1e-5)} (Wang et al., MICCAI 2023, arXiv
     * 2303.16296), the mean over channels and samples: for labels of 0 and 1 the soft Dice loss, and for soft targets, unlike
     * that one, lowest at {@code p = q}.
     *
     * @param pooled whether the sums run over the batch too; then the mean is over channels
     */
    public static Tensor diceSemimetric(Tensor probabilities, Tensor target, boolean pooled) {
        long[] axes = pooled ? BATCH_AND_SPACE : SPACE;
        Tensor sizes = probabilities.sum(axes).add(target.sum(axes)).add(new Scalar(PLAIN.smooth()));
        return probabilities.sub(target).abs().sum(axes).div(sizes).mean();
    }

    /** One minus the Tversky index, the mean over channels and samples. */
    static Tensor tversky(Tensor probabilities, Tensor target, boolean pooled, SupervisedLoss.Tversky settings) {
        long[] axes = pooled ? BATCH_AND_SPACE : SPACE;
        Scalar smooth = new Scalar(settings.smooth());
        Tensor overlap = probabilities.mul(target).sum(axes);
        Tensor falsePositives = probabilities.sum(axes).sub(overlap).mul(new Scalar(settings.alpha()));
        Tensor falseNegatives = target.sum(axes).sub(overlap).mul(new Scalar(settings.beta()));
        Tensor sizes = overlap.add(falsePositives).add(falseNegatives).add(smooth);
        return torch.ones_like(overlap).sub(overlap.add(smooth).div(sizes)).mean();
    }

    /**
     * Cross-entropy, the mean over voxels: binary for each region, or over the classes.
     *
     * @param logits [B, K, X, Y, Z]
     * @param target [B, K, X, Y, Z], 0 to 1
     * @return a scalar
     */
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

    /**
     * {@link #crossEntropy(TargetEncoding, Tensor, Tensor)} over the voxels that count.
     *
     * @param logits [B, K, X, Y, Z]
     * @param target [B, K, X, Y, Z], 0 to 1
     * @return a scalar; 0 if no voxel counts
     */
    public static Tensor crossEntropy(TargetEncoding targetEncoding, Tensor logits, Tensor target, ValidVoxels valid) {
        return valid.isAll()
                ? crossEntropy(targetEncoding, logits, target)
                : valid.mean(voxelwise(targetEncoding, logits, target));
    }

    /** Cross-entropy of each voxel: [B, K, X, Y, Z] for regions, [B, X, Y, Z] for classes. */
    static Tensor voxelwise(TargetEncoding targetEncoding, Tensor logits, Tensor target) {
        return switch (targetEncoding) {
            case REGIONS ->
                torch.binary_cross_entropy_with_logits(
                        logits, target, new TensorOptional(), new TensorOptional(), NO_REDUCTION);
            case CLASSES ->
                torch.log_softmax(logits, 1).mul(target).sum(new long[] {1}).neg();
        };
    }

    /** {@link SupervisedLoss.WeightedCrossEntropy}, the mean over the voxels that count. */
    static Tensor weightedCrossEntropy(
            TargetEncoding targetEncoding, Tensor logits, Tensor target, double floor, ValidVoxels valid) {
        Tensor p = activation(targetEncoding, logits);
        Tensor voxels = valid.of(torch.ones_like(target.narrow(1, 0, 1)))
                .sum(SPACE, true, new ScalarTypeOptional())
                .clamp_min(new Scalar(1.0));
        Tensor share = target.sum(SPACE, true, new ScalarTypeOptional()).div(voxels);
        Tensor weight = torch.ones_like(share).sub(share);
        Tensor inside = weight.mul(target).mul(logFrom(floor, p));
        if (targetEncoding == TargetEncoding.CLASSES) {
            return valid.mean(inside.sum(new long[] {1}).neg());
        }
        Tensor complement = torch.ones_like(target).sub(target);
        Tensor outside =
                share.mul(complement).mul(logFrom(floor, torch.ones_like(p).sub(p)));
        return valid.mean(inside.add(outside).neg());
    }

    private static Tensor logFrom(double floor, Tensor probabilities) {
        return probabilities.clamp_min(new Scalar(floor)).log();
    }

    /** Focal loss, the mean over the voxels that count. */
    static Tensor focal(
            TargetEncoding targetEncoding,
            Tensor logits,
            Tensor target,
            SupervisedLoss.Focal settings,
            ValidVoxels valid) {
        Tensor entropy = voxelwise(targetEncoding, logits, target);
        // 1 - p, where p = exp(-entropy) is the probability of the true class.
        Tensor wrong = entropy.neg().expm1().neg();
        Tensor focal = settings.gamma() == 0
                ? entropy
                : wrong.pow(new Scalar(settings.gamma())).mul(entropy);
        if (settings.alpha() > 0) {
            Tensor balance = target.mul(new Scalar(2 * settings.alpha() - 1)).add(new Scalar(1 - settings.alpha()));
            focal = focal.mul(balance);
        }
        return valid.mean(focal);
    }

    /** The mean of the largest values: the given share of all values, at least one; 0 if there are no values. */
    static Tensor topK(Tensor values, double share) {
        Tensor flat = values.reshape(-1);
        if (flat.numel() == 0) {
            return flat.sum();
        }
        long count = Math.max(1, (long) (flat.numel() * share));
        return torch.topk(flat, count, 0, true, false).get0().mean();
    }

    /**
     * The activation of the channels: sigmoid of regions, softmax of classes.
     *
     * @param logits [B, K, X, Y, Z]
     * @return probabilities of the same shape
     */
    public static Tensor activation(TargetEncoding targetEncoding, Tensor logits) {
        return switch (targetEncoding) {
            case REGIONS -> logits.sigmoid();
            case CLASSES -> torch.softmax(logits, 1);
        };
    }
}
