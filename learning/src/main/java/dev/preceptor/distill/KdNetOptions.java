package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The {@code distillation} block of a KD-Net recipe; the defaults are the paper's (methods.md 1.3, 1.4).
 *
 * @param lambda weight of L_KD against L_GT, 0 to 1
 * @param temperature T, above 0; divides the teacher's logits
 * @param alpha weight of L_KL, at least 0
 * @param terms which of the losses are used; GT always
 * @param outputs what the channels mean (A1)
 * @param temperStudent whether the student's logits are divided by T too, with the factor T squared (A2)
 * @param bottleneck how the bottlenecks are normalised (A4)
 * @param batchDice whether the sums of the Dice run over the batch (A6)
 * @param loss the summands of L_GT, of the teacher's supervision and of the student's
 * @param deepSupervision how many decoder stages below the full resolution take part in L_GT by a head of their own; 0 for
 *     none, as in the paper
 */
public record KdNetOptions(
        double lambda,
        double temperature,
        double alpha,
        Set<Term> terms,
        TargetEncoding outputs,
        boolean temperStudent,
        Normalisation bottleneck,
        boolean batchDice,
        List<SupervisedLoss> loss,
        int deepSupervision) {

    /** As printed in the paper. */
    public static final KdNetOptions PAPER = new KdNetOptions(
            0.75,
            5,
            10,
            EnumSet.allOf(Term.class),
            TargetEncoding.REGIONS,
            false,
            Normalisation.SOFTMAX,
            false,
            SupervisedLoss.DICE_AND_CROSS_ENTROPY,
            0);

    /** The three losses of the paper. */
    public enum Term {
        GT,
        KD,
        KL
    }

    /** How a bottleneck becomes a distribution. */
    public enum Normalisation {
        /** Softmax over all elements of a sample. */
        SOFTMAX,
        /** Softmax over the channels of each voxel, the divergences of the voxels summed. */
        CHANNEL_SOFTMAX,
        /** Absolute values divided by their sum over the sample. */
        L1
    }

    public KdNetOptions {
        Settings.require(lambda >= 0 && lambda <= 1, "distillation.lambda", "a number from 0 to 1", lambda);
        Settings.require(
                temperature > 0 && temperature < 1e6, "distillation.temperature", "a number above 0", temperature);
        Settings.require(alpha >= 0 && alpha < 1e6, "distillation.alpha", "a number of at least 0", alpha);
        Settings.require(
                terms.contains(Term.GT), "distillation.terms", "a list with GT, and KD or KL or both or none", terms);
        terms = Collections.unmodifiableSet(EnumSet.copyOf(terms));
        loss = List.copyOf(loss);
    }

    /** L_GT. */
    SegmentationLoss supervision() {
        return DeepSupervision.of(new LabelSupervision(outputs, loss, batchDice), deepSupervision);
    }

    /** Whether a loss is used. */
    public boolean uses(Term term) {
        return terms.contains(term);
    }
}
