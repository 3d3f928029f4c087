package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.KdNetLosses;
import dev.preceptor.loss.KdNetLosses.BottleneckNormalisation;
import dev.preceptor.loss.KdNetLosses.ResponseComparison;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The {@code distillation} block of a KD-Net recipe (Hu et al., MICCAI 2020, arXiv 2106.09564; docs/methods/kd-net.md). The
 * defaults are the paper's; where the paper leaves a choice open, that document says why a default was taken. The recipe
 * {@code kd-net-balanced} has other values of {@code supervision}, {@code response}, {@code temperature} and {@code alpha}.
 *
 * @param lambda weight of L_KD, at least 0; at most 1 with the supervision COMPLEMENT
 * @param supervision the weight of L_GT
 * @param response how L_KD compares the student with the tempered teacher
 * @param temperature T, above 0; divides the teacher's logits
 * @param alpha weight of L_KL, at least 0
 * @param terms the losses in use; always with GT
 * @param outputs what the channels of both networks mean
 * @param temperStudent whether T divides the student's logits too; L_KD is then multiplied by T squared
 * @param bottleneck how the bottlenecks become distributions for L_KL
 * @param batchDice whether the sums of the Dice run over the batch too
 * @param loss the summands of L_GT, for teacher and student alike
 * @param deepSupervision the number of decoder stages below the full resolution with a head that L_GT supervises; 0 in the
 *     paper
 * @param ramp epochs over which the weights of L_KD and L_KL rise from near 0, see {@link Ramp}; 0 for none
 * @param regionWeights how L_KD weighs the regions
 * @param margin with ADVANTAGE, the advantage in Dice from which on a region has its whole weight, above 0 and at most 1
 */
public record KdNetOptions(
        double lambda,
        Supervision supervision,
        ResponseComparison response,
        double temperature,
        double alpha,
        Set<Term> terms,
        TargetEncoding outputs,
        boolean temperStudent,
        BottleneckNormalisation bottleneck,
        boolean batchDice,
        List<SupervisedLoss> loss,
        int deepSupervision,
        int ramp,
        RegionWeighting regionWeights,
        double margin) {

    /** The settings of the paper. */
    public static final KdNetOptions PAPER = new KdNetOptions(
            0.75,
            Supervision.COMPLEMENT,
            ResponseComparison.SOFT_DICE,
            5,
            10,
            EnumSet.allOf(Term.class),
            TargetEncoding.REGIONS,
            false,
            BottleneckNormalisation.SOFTMAX,
            false,
            SupervisedLoss.DICE_AND_CROSS_ENTROPY,
            0,
            0,
            RegionWeighting.EQUAL,
            0.05);

    /** The three losses of the paper. */
    public enum Term {
        GT,
        KD,
        KL
    }

    /** The weight of L_GT beside L_KD; without L_KD it is 1. */
    public enum Supervision {
        /** One minus lambda, as in the paper. */
        COMPLEMENT,
        /** One. */
        FULL
    }

    public KdNetOptions {
        if (supervision == Supervision.COMPLEMENT) {
            Settings.require(lambda >= 0 && lambda <= 1, "distillation.lambda", "a number from 0 to 1", lambda);
        }
        Settings.requireWeight("distillation.lambda", lambda);
        Settings.require(
                temperature > 0 && temperature < 1e6, "distillation.temperature", "a number above 0", temperature);
        Settings.requireWeight("distillation.alpha", alpha);
        Settings.require(
                terms.contains(Term.GT), "distillation.terms", "a list with GT, and KD or KL or both or none", terms);
        terms = Collections.unmodifiableSet(EnumSet.copyOf(terms));
        loss = List.copyOf(loss);
        DistillationWeights.requireValid(ramp, margin);
        Settings.require(
                regionWeights == RegionWeighting.EQUAL || outputs == TargetEncoding.REGIONS,
                "distillation.regionWeights",
                "EQUAL with the outputs CLASSES, whose channels are no regions",
                regionWeights);
    }

    /** L_KD and L_KL. */
    KdNetLosses losses(Targets targets) {
        return new KdNetLosses(targets, response, temperature, temperStudent, batchDice, bottleneck);
    }

    /**
     * L = w L_GT + f (lambda L_KD + alpha L_KL); w is 1 - lambda, or 1 without L_KD or with FULL supervision.
     *
     * @param factor f, the factor of the ramp
     */
    Tensor total(Tensor responseLoss, Tensor supervised, Tensor bottleneckDivergence, double factor) {
        Tensor total = total(responseLoss, supervised, factor);
        return terms.contains(Term.KL) ? total.add(bottleneckDivergence.mul(new Scalar(alpha * factor))) : total;
    }

    /** L without its summand L_KL. */
    Tensor total(Tensor responseLoss, Tensor supervised, double factor) {
        if (!terms.contains(Term.KD)) {
            return supervised;
        }
        Tensor labels = supervision == Supervision.FULL ? supervised : supervised.mul(new Scalar(1 - lambda));
        return labels.add(responseLoss.mul(new Scalar(lambda * factor)));
    }

    /** L_GT. */
    SegmentationLoss supervision(Targets targets) {
        return DeepSupervision.of(new LabelSupervision(targets, loss, batchDice), deepSupervision);
    }
}
