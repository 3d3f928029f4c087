package dev.preceptor.loss;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.preceptor.base.Choice;
import dev.preceptor.base.Settings;
import dev.preceptor.distill.CountedVoxels;
import dev.preceptor.network.TargetEncoding;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One of the losses that a network's outputs have against the labels; an entry of the {@code loss} list of a recipe. Those
 * that overlap regions (Dice, Tversky) are taken for each sample and channel and averaged, or with sums over the batch too
 * where the method says {@code batchDice}; the others are averaged over voxels (and, of regions, over channels).
 */
public sealed interface SupervisedLoss {
    /** The losses by name, each with its defaults. */
    Choice<SupervisedLoss> KINDS = new Choice<SupervisedLoss>("distillation.loss")
            .or("dice", new Dice(1, 1e-5, 0, false, true))
            .or("tversky", new Tversky(1, 0.3, 0.7, 1e-5))
            .or("cross-entropy", new CrossEntropy(1))
            .or("focal", new Focal(1, 2, 0))
            .or("top-k", new TopK(1, 0.1));

    /** Dice plus cross-entropy, as in KD-Net (methods.md 1.4) and, but for a constant, in nnU-Net with regions. */
    List<SupervisedLoss> DICE_AND_CROSS_ENTROPY = List.of(new Dice(1, 1e-5, 0, false, true), new CrossEntropy(1));

    /** The loss of a block. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static SupervisedLoss read(JsonNode block) {
        return KINDS.read(block);
    }

    /** The block of this loss. */
    @JsonValue
    default ObjectNode write() {
        return KINDS.write(this);
    }

    /** What it is multiplied with in the sum, above 0. */
    double weight();

    /**
     * One number, without its weight.
     *
     * @param logits [B, K, X, Y, Z]
     * @param target of the same shape and type
     * @param pooled whether sums of overlaps run over the batch
     */
    default Tensor of(TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled) {
        return of(targetEncoding, logits, target, pooled, CountedVoxels.ALL);
    }

    /**
     * The same over some voxels.
     *
     * @param target 0 in every channel at the voxels that do not count
     */
    Tensor of(TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, CountedVoxels counted);

    private static void requireWeight(double weight) {
        Settings.require(weight > 0 && weight < 1e6, "distillation.loss.weight", "a number above 0", weight);
    }

    /**
     * One minus the soft Dice {@code (2 sum(p y) + smooth) / (sum p + sum y + smooth + epsilon)} (methods.md 8.2). The
     * defaults are KD-Net's and MONAI's; nnU-Net leaves out the background of classes; smooth 0 with epsilon 1e-7 is RFNet's,
     * and with squares ACN's; squares alone are MONAI's {@code squared_pred} and ProtoKD's.
     *
     * @param smooth added above and below
     * @param epsilon added below alone
     * @param squared whether the sums below are of squares
     * @param background whether the first channel of classes counts
     */
    record Dice(double weight, double smooth, double epsilon, boolean squared, boolean background)
            implements SupervisedLoss {
        public Dice {
            requireWeight(weight);
            Settings.require(smooth >= 0, "distillation.loss.smooth", "at least 0", smooth);
            Settings.require(
                    epsilon >= 0 && epsilon + smooth > 0,
                    "distillation.loss.epsilon",
                    "above 0 without smooth",
                    epsilon);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, CountedVoxels counted) {
            Tensor probabilities = counted.of(SegmentationLosses.activation(targetEncoding, logits));
            if (background || targetEncoding == TargetEncoding.REGIONS) {
                return SegmentationLosses.dice(probabilities, target, pooled, this);
            }
            long tumour = targetEncoding.channels() - 1L;
            return SegmentationLosses.dice(
                    probabilities.narrow(1, 1, tumour), target.narrow(1, 1, tumour), pooled, this);
        }
    }

    /**
     * One minus the Tversky index (Salehi et al., MLMI 2017): Dice in which what is claimed falsely and what is missed weigh
     * differently, {@code (TP + s) / (TP + alpha FP + beta FN + s)}; a half each is Dice.
     *
     * @param alpha weight of voxels claimed falsely
     * @param beta weight of voxels missed
     * @param smooth s, above 0
     */
    record Tversky(double weight, double alpha, double beta, double smooth) implements SupervisedLoss {
        public Tversky {
            requireWeight(weight);
            Settings.require(alpha >= 0, "distillation.loss.alpha", "at least 0", alpha);
            Settings.require(beta >= 0, "distillation.loss.beta", "at least 0", beta);
            Settings.require(smooth > 0, "distillation.loss.smooth", "above 0", smooth);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, CountedVoxels counted) {
            return SegmentationLosses.tversky(
                    counted.of(SegmentationLosses.activation(targetEncoding, logits)), target, pooled, this);
        }
    }

    /** Cross-entropy: binary for each region, or over the classes. */
    record CrossEntropy(double weight) implements SupervisedLoss {
        public CrossEntropy {
            requireWeight(weight);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, CountedVoxels counted) {
            return SegmentationLosses.crossEntropy(targetEncoding, logits, target, counted);
        }
    }

    /**
     * Focal loss (Lin et al., ICCV 2017): cross-entropy of which voxels that are right have less,
     * {@code -(1 - p)^gamma log p} with p the probability of what is true; by sigmoid for regions, softmax for classes.
     *
     * @param gamma 0 is plain cross-entropy; else at least 1, below which the gradient is not finite
     * @param alpha weight of the voxels inside a region, 1 - alpha of those outside; 0 for none. Regions alone
     */
    record Focal(double weight, double gamma, double alpha) implements SupervisedLoss {
        public Focal {
            requireWeight(weight);
            Settings.require(
                    gamma == 0 || (gamma >= 1 && gamma <= 10), "distillation.loss.gamma", "0, or from 1 to 10", gamma);
            Settings.require(alpha >= 0 && alpha < 1, "distillation.loss.alpha", "at least 0 and below 1", alpha);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, CountedVoxels counted) {
            return SegmentationLosses.focal(targetEncoding, logits, target, this, counted);
        }
    }

    /**
     * Cross-entropy of the worst voxels alone, over the whole batch (nnU-Net's TopKLoss).
     *
     * @param share of the voxels (of regions: of their values) that count, above 0; nnU-Net: 0.1
     */
    record TopK(double weight, double share) implements SupervisedLoss {
        public TopK {
            requireWeight(weight);
            Settings.require(share > 0 && share <= 1, "distillation.loss.share", "above 0 and at most 1", share);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, CountedVoxels counted) {
            return SegmentationLosses.worst(
                    counted.selected(SegmentationLosses.voxelwise(targetEncoding, logits, target)), share);
        }
    }
}
