package dev.preceptor.loss;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import dev.preceptor.base.NamedBlock;
import dev.preceptor.base.Settings;
import dev.preceptor.network.TargetEncoding;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss between the outputs of a network and the labels; an entry of the {@code loss} list of a recipe. Overlap losses
 * (Dice, Tversky) are computed for each sample and channel and averaged; with {@code batchDice} their sums run over the batch
 * too. The others are means over voxels and, for regions, channels.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@NamedBlock("distillation.loss")
public sealed interface SupervisedLoss
        permits SupervisedLoss.Dice,
                SupervisedLoss.Tversky,
                SupervisedLoss.CrossEntropy,
                SupervisedLoss.WeightedCrossEntropy,
                SupervisedLoss.Focal,
                SupervisedLoss.TopK {
    /** Dice plus cross-entropy, as in KD-Net and, up to a constant, in nnU-Net with regions. */
    List<SupervisedLoss> DICE_AND_CROSS_ENTROPY = List.of(new Dice(), new CrossEntropy());

    /** The factor of the loss in the sum of losses, above 0. */
    double weight();

    /**
     * The loss, without its weight.
     *
     * @param logits [B, K, X, Y, Z]
     * @param target of the same shape and type
     * @param pooled whether sums of overlaps run over the batch too
     */
    default Tensor of(TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled) {
        return of(targetEncoding, logits, target, pooled, ValidVoxels.ALL);
    }

    /**
     * The same over some voxels.
     *
     * @param target 0 in every channel at the voxels that do not count
     */
    Tensor of(TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, ValidVoxels valid);

    private static void requireWeight(double weight) {
        Settings.require(weight > 0 && weight < 1e6, "distillation.loss.weight", "a number above 0", weight);
    }

    /**
     * One minus the soft Dice {@code (2 sum(p y) + smooth) / (sum p + sum y + smooth + epsilon)}. The defaults are those of
     * KD-Net and MONAI. nnU-Net excludes the background of classes; RFNet has smooth 0 and epsilon 1e-7, ACN squares besides;
     * MONAI's {@code squared_pred} and ProtoKD have squares alone.
     *
     * @param smooth added to numerator and denominator
     * @param epsilon added to the denominator
     * @param squared whether the denominator sums squares
     * @param background whether the background channel of classes counts
     */
    @JsonTypeName("dice")
    record Dice(double weight, double smooth, double epsilon, boolean squared, boolean background)
            implements SupervisedLoss {
        /** The default settings. */
        public Dice() {
            this(1, 1e-5, 0, false, true);
        }

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
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, ValidVoxels valid) {
            Tensor probabilities = valid.of(SegmentationLosses.activation(targetEncoding, logits));
            if (background || targetEncoding == TargetEncoding.REGIONS) {
                return SegmentationLosses.dice(probabilities, target, pooled, this);
            }
            long foreground = logits.size(1) - 1;
            return SegmentationLosses.dice(
                    probabilities.narrow(1, 1, foreground), target.narrow(1, 1, foreground), pooled, this);
        }
    }

    /**
     * One minus the Tversky index {@code (TP + s) / (TP + alpha FP + beta FN + s)} (Salehi et al., MLMI 2017), which weights
     * false positives and false negatives separately; alpha = beta = 0.5 is Dice.
     *
     * @param alpha weight of false positives, at least 0
     * @param beta weight of false negatives, at least 0
     * @param smooth s, above 0
     */
    @JsonTypeName("tversky")
    record Tversky(double weight, double alpha, double beta, double smooth) implements SupervisedLoss {
        /** The default settings. */
        public Tversky() {
            this(1, 0.3, 0.7, 1e-5);
        }

        public Tversky {
            requireWeight(weight);
            Settings.require(alpha >= 0, "distillation.loss.alpha", "at least 0", alpha);
            Settings.require(beta >= 0, "distillation.loss.beta", "at least 0", beta);
            Settings.require(smooth > 0, "distillation.loss.smooth", "above 0", smooth);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, ValidVoxels valid) {
            return SegmentationLosses.tversky(
                    valid.of(SegmentationLosses.activation(targetEncoding, logits)), target, pooled, this);
        }
    }

    /** Cross-entropy, the mean over voxels: binary for each region, or over the classes. */
    @JsonTypeName("cross-entropy")
    record CrossEntropy(double weight) implements SupervisedLoss {
        /** The default settings. */
        public CrossEntropy() {
            this(1);
        }

        public CrossEntropy {
            requireWeight(weight);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, ValidVoxels valid) {
            return SegmentationLosses.crossEntropy(targetEncoding, logits, target, valid);
        }
    }

    /**
     * Cross-entropy in which each class has one minus its share of the sample's voxels as weight, and probabilities count as at
     * least {@code floor}: the mean over voxels of {@code -(1 - f_c) log max(p_c, floor)} for the true class c. For regions each
     * channel has the two classes inside and outside. RFNet (Ding et al., ICCV 2021) and Chen et al. (MICCAI 2019) train with it.
     *
     * @param floor below which a probability has no gradient, above 0 and below 1
     */
    @JsonTypeName("weighted-cross-entropy")
    record WeightedCrossEntropy(double weight, double floor) implements SupervisedLoss {
        /** The default settings. */
        public WeightedCrossEntropy() {
            this(1, 0.005);
        }

        public WeightedCrossEntropy {
            requireWeight(weight);
            Settings.require(floor > 0 && floor < 1, "distillation.loss.floor", "above 0 and below 1", floor);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, ValidVoxels valid) {
            return SegmentationLosses.weightedCrossEntropy(targetEncoding, logits, target, floor, valid);
        }
    }

    /**
     * Focal loss {@code -(1 - p)^gamma log p} with p the probability of the true class (Lin et al., ICCV 2017), by sigmoid
     * for regions and softmax for classes.
     *
     * @param gamma 0 for cross-entropy, or from 1 to 10; between 0 and 1 the gradient is not finite
     * @param alpha weight of voxels inside a region, 1 - alpha of those outside; 0 for no weights. For regions only
     */
    @JsonTypeName("focal")
    record Focal(double weight, double gamma, double alpha) implements SupervisedLoss {
        /** The default settings. */
        public Focal() {
            this(1, 2, 0);
        }

        public Focal {
            requireWeight(weight);
            Settings.require(
                    gamma == 0 || (gamma >= 1 && gamma <= 10), "distillation.loss.gamma", "0, or from 1 to 10", gamma);
            Settings.require(alpha >= 0 && alpha < 1, "distillation.loss.alpha", "at least 0 and below 1", alpha);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, ValidVoxels valid) {
            return SegmentationLosses.focal(targetEncoding, logits, target, this, valid);
        }
    }

    /**
     * Cross-entropy of the voxels of the batch with the largest values (nnU-Net's TopKLoss).
     *
     * @param share of these voxels (for regions, of voxels times channels), above 0 and at most 1; nnU-Net: 0.1
     */
    @JsonTypeName("top-k")
    record TopK(double weight, double share) implements SupervisedLoss {
        /** The default settings. */
        public TopK() {
            this(1, 0.1);
        }

        public TopK {
            requireWeight(weight);
            Settings.require(share > 0 && share <= 1, "distillation.loss.share", "above 0 and at most 1", share);
        }

        @Override
        public Tensor of(
                TargetEncoding targetEncoding, Tensor logits, Tensor target, boolean pooled, ValidVoxels valid) {
            return SegmentationLosses.topK(
                    valid.selected(SegmentationLosses.voxelwise(targetEncoding, logits, target)), share);
        }
    }
}
