package dev.preceptor.loss;

import dev.preceptor.network.Targets;
import dev.preceptor.parallel.GlobalBatchSum;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The supervised loss of MTCM-KD, L_comb (docs/methods/mtcm-kd.md): the mean of one minus the mean Dice, one minus the mean
 * Jaccard index, and the cross-entropy. Epsilon 1e-7 in the denominators alone; the background of classes counts.
 *
 * @param outputs what the channels of the logits mean
 * @param reduction the axes that the sums of Dice and Jaccard run over
 * @param sums extends these sums over the samples of all processes
 */
public record CombinationLoss(Targets outputs, Reduction reduction, GlobalBatchSum sums) implements SegmentationLoss {
    private static final double EPSILON = 1e-7;

    /** The axes that sums run over. */
    public enum Reduction {
        /** Batch and all spatial axes but the last, so that each slice counts on its own (deviation COMB_SLICE_AXIS). */
        SLICE_LAST_AXIS,
        /** Batch and all spatial axes. */
        VOLUME
    }

    /** The loss, with the terms {@code dice}, {@code jaccard} and {@code ce}. */
    @Override
    public LossTerms of(Tensor logits, Tensor classes) {
        ValidVoxels valid = ValidVoxels.in(classes);
        Tensor target = valid.of(outputs.target(valid.ignoredAsBackground(classes)));
        Tensor probabilities = valid.of(SegmentationLosses.activation(outputs.encoding(), logits));
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
        terms.put("dice", oneMinusMean(dice));
        terms.put("jaccard", oneMinusMean(jaccard));
        terms.put("ce", SegmentationLosses.crossEntropy(outputs.encoding(), logits, target, valid));
        Tensor total = terms.values().stream().reduce(Tensor::add).orElseThrow().div(new Scalar(3.0));
        return new LossTerms(total, terms);
    }

    private static Tensor oneMinusMean(Tensor score) {
        Tensor mean = score.mean();
        return torch.ones_like(mean).sub(mean);
    }
}
