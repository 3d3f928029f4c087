package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.KdNetLosses;
import dev.preceptor.loss.KdNetLosses.BottleneckNormalisation;
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
 * defaults are the paper's; where the paper leaves a choice open, that document says why a default was taken.
 *
 * @param lambda weight of L_KD against L_GT, 0 to 1
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
 */
public record KdNetOptions(
        double lambda,
        double temperature,
        double alpha,
        Set<Term> terms,
        TargetEncoding outputs,
        boolean temperStudent,
        BottleneckNormalisation bottleneck,
        boolean batchDice,
        List<SupervisedLoss> loss,
        int deepSupervision) {

    /** The settings of the paper. */
    public static final KdNetOptions PAPER = new KdNetOptions(
            0.75,
            5,
            10,
            EnumSet.allOf(Term.class),
            TargetEncoding.REGIONS,
            false,
            BottleneckNormalisation.SOFTMAX,
            false,
            SupervisedLoss.DICE_AND_CROSS_ENTROPY,
            0);

    /** The three losses of the paper. */
    public enum Term {
        GT,
        KD,
        KL
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

    /** L_KD and L_KL. */
    KdNetLosses losses(Targets targets) {
        return new KdNetLosses(targets, temperature, temperStudent, batchDice, bottleneck);
    }

    /** L = lambda L_KD + (1 - lambda) L_GT + alpha L_KL; without L_KD the weight of L_GT is 1. */
    Tensor total(Tensor response, Tensor supervised, Tensor bottleneckDivergence) {
        Tensor total = total(response, supervised);
        return terms.contains(Term.KL) ? total.add(bottleneckDivergence.mul(new Scalar(alpha))) : total;
    }

    /** L without its summand alpha L_KL. */
    Tensor total(Tensor response, Tensor supervised) {
        return terms.contains(Term.KD)
                ? supervised.mul(new Scalar(1 - lambda)).add(response.mul(new Scalar(lambda)))
                : supervised;
    }

    /** L_GT. */
    SegmentationLoss supervision(Targets targets) {
        return DeepSupervision.of(new LabelSupervision(targets, loss, batchDice), deepSupervision);
    }
}
