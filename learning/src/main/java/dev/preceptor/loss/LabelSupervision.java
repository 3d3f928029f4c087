package dev.preceptor.loss;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A weighted sum of losses against the labels; Dice plus cross-entropy is KD-Net's L_GT.
 *
 * @param outputs what the channels of the logits mean
 * @param losses the summands, at least one
 * @param pooled whether the sums of overlaps run over the batch too
 */
public record LabelSupervision(Targets outputs, List<SupervisedLoss> losses, boolean pooled)
        implements SegmentationLoss {
    public LabelSupervision {
        losses = List.copyOf(losses);
        Settings.require(!losses.isEmpty(), "distillation.loss", "a list of at least one loss", losses);
        if (outputs.encoding() != TargetEncoding.REGIONS
                && losses.stream().anyMatch(loss -> loss instanceof SupervisedLoss.Focal focal && focal.alpha() > 0)) {
            throw new InvalidRecipeException(
                    "distillation.loss.alpha of focal must be 0 for the outputs CLASSES; it weights the inside and the outside"
                            + " of a region");
        }
    }

    /**
     * The loss against an encoded target.
     *
     * @param target [B, K, X, Y, Z] of {@link Targets#target}
     * @param logits [B, K, X, Y, Z]
     */
    public Tensor against(Tensor target, Tensor logits) {
        return against(target, logits, ValidVoxels.ALL);
    }

    /**
     * The same over the voxels that count.
     *
     * @param target 0 in every channel at the voxels that do not count
     */
    Tensor against(Tensor target, Tensor logits, ValidVoxels valid) {
        return losses.stream()
                .map(loss -> {
                    Tensor value = loss.of(outputs.encoding(), logits, target, pooled, valid);
                    return loss.weight() == 1 ? value : value.mul(new Scalar(loss.weight()));
                })
                .reduce(Tensor::add)
                .orElseThrow();
    }

    @Override
    public LossTerms of(Tensor logits, Tensor classes) {
        ValidVoxels valid = ValidVoxels.in(classes);
        Tensor loss = against(valid.of(outputs.target(valid.ignoredAsBackground(classes))), logits, valid);
        return new LossTerms(loss, Map.of(LossTerms.SUPERVISED, loss));
    }
}
