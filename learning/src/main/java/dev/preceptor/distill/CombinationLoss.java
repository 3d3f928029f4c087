package dev.preceptor.distill;

import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SegmentationLosses;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.parallel.GlobalBatchSum;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The supervised loss of MTCM-KD (methods.md 2.4): a third each of one minus the mean Dice, one minus the mean Jaccard, and
 * the cross-entropy, with eps 1e-7 in the denominators alone, background included.
 *
 * @param outputs what the channels mean
 * @param reduction what the sums run over
 * @param sums over the whole batch
 */
record CombinationLoss(TargetEncoding outputs, MtcmKdOptions.Reduction reduction, GlobalBatchSum sums)
        implements SegmentationLoss {
    private static final double EPSILON = 1e-7;

    /** The total, and {@code dice}, {@code jaccard}, {@code ce} as losses. */
    @Override
    public LossTerms of(Tensor logits, Tensor classes) {
        CountedVoxels counted = CountedVoxels.in(classes);
        Tensor target = counted.of(outputs.target(counted.known(classes)));
        Tensor probabilities = counted.of(SegmentationLosses.activation(outputs, logits));
        long[] axes = switch (reduction) {
            case SLICE_LAST_AXIS -> new long[] {0, 2, 3};
            case VOLUME -> new long[] {0, 2, 3, 4};
        };
        Tensor overlap = sums.allReduceSum(probabilities.mul(target).sum(axes));
        Tensor sizes = sums.allReduceSum(probabilities.sum(axes).add(target.sum(axes)));
        Scalar epsilon = new Scalar(EPSILON);
        Tensor dice = overlap.mul(new Scalar(2.0)).div(sizes.add(epsilon));
        Tensor jaccard = overlap.div(sizes.sub(overlap).add(epsilon));
        Map<String, Tensor> terms = new LinkedHashMap<>();
        terms.put("dice", lacking(dice));
        terms.put("jaccard", lacking(jaccard));
        terms.put("ce", SegmentationLosses.crossEntropy(outputs, logits, target, counted));
        Tensor total = terms.values().stream().reduce(Tensor::add).orElseThrow().div(new Scalar(3.0));
        return new LossTerms(total, terms);
    }

    private static Tensor lacking(Tensor score) {
        Tensor mean = score.mean();
        return torch.ones_like(mean).sub(mean);
    }
}
