package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code transfer} (docs/methods/transfer.md).
 *
 * @param outputs what the channels of both networks mean
 * @param loss the summands of the loss against labels, for the teacher, for the student, and against the teacher's labels
 * @param deepSupervision the number of decoder stages below the full resolution with a head that the losses supervise
 * @param weight weight of a patch that the teacher labels, beside 1 for a patch with labels of its own; at least 0
 * @param pseudoLabels how the teacher labels what has no labels
 * @param ramp epochs over which {@code weight} rises from near 0, see {@link Ramp}; 0 for none
 * @param regions names of the regions in which the teacher's labels teach; empty for all. For a teacher whose further sequences show
 *     only some of the regions better
 * @param regionWeights how the loss against the teacher's labels weighs the regions
 * @param margin with ADVANTAGE, the advantage in Dice from which on a region has its whole weight, above 0 and at most 1
 */
public record TransferOptions(
        TargetEncoding outputs,
        List<SupervisedLoss> loss,
        int deepSupervision,
        double weight,
        PseudoLabels pseudoLabels,
        int ramp,
        List<String> regions,
        RegionWeighting regionWeights,
        double margin) {
    static final TransferOptions DEFAULTS = new TransferOptions(
            TargetEncoding.REGIONS,
            SupervisedLoss.DICE_AND_CROSS_ENTROPY,
            0,
            1,
            PseudoLabels.HARD,
            0,
            List.of(),
            RegionWeighting.EQUAL,
            0.05);

    /** What the student learns of the teacher where there are no labels. */
    public enum PseudoLabels {
        /** The label map that the teacher predicts for the whole subject, by the loss against labels. */
        HARD,
        /** The teacher's probabilities on the patch, by {@link dev.preceptor.loss.SoftRegionLoss} at the full resolution. */
        SOFT
    }

    public TransferOptions {
        loss = List.copyOf(loss);
        regions = List.copyOf(regions);
        Settings.requireWeight("distillation.weight", weight);
        DistillationWeights.requireValid(ramp, margin);
        if (loss.stream().anyMatch(SupervisedLoss.TopK.class::isInstance)) {
            throw new InvalidRecipeException("distillation.loss must not have top-k for the method transfer: it pools"
                    + " patches with and without labels");
        }
    }
}
