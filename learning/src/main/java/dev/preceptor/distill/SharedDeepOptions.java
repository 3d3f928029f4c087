package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.KdNetLosses.BottleneckNormalisation;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;
import java.util.Set;

/**
 * The {@code distillation} block of a recipe of the method {@code shared-deep} (docs/methods/shared-deep.md). All settings but
 * {@code depth} are those of {@link KdNetOptions} with the same names.
 *
 * @param depth the number of levels that teacher and student share: 1 for the bottleneck, 2 for that and the encoder and decoder
 *     stages above it, and so on
 * @param lambda weight of L_KD, and one minus that of L_GT; from 0 to 1
 * @param temperature T, above 0; divides the teacher's logits
 * @param alpha weight of L_KL, at least 0
 * @param terms the losses of the student in use; always with GT
 * @param outputs what the channels of both networks mean
 * @param bottleneck how the bottlenecks become distributions for L_KL
 * @param loss the summands of L_GT, for teacher and student alike
 * @param deepSupervision the number of decoder stages below the full resolution with a head that L_GT supervises
 */
public record SharedDeepOptions(
        int depth,
        double lambda,
        double temperature,
        double alpha,
        Set<KdNetOptions.Term> terms,
        TargetEncoding outputs,
        BottleneckNormalisation bottleneck,
        List<SupervisedLoss> loss,
        int deepSupervision) {
    static final SharedDeepOptions DEFAULTS = new SharedDeepOptions(
            1,
            KdNetOptions.PAPER.lambda(),
            KdNetOptions.PAPER.temperature(),
            KdNetOptions.PAPER.alpha(),
            KdNetOptions.PAPER.terms(),
            KdNetOptions.PAPER.outputs(),
            KdNetOptions.PAPER.bottleneck(),
            KdNetOptions.PAPER.loss(),
            KdNetOptions.PAPER.deepSupervision());

    public SharedDeepOptions {
        Settings.require(depth >= 1 && depth <= 6, "distillation.depth", "a number of levels from 1 to 6", depth);
        KdNetOptions checked = kdNet(lambda, temperature, alpha, terms, outputs, bottleneck, loss, deepSupervision);
        terms = checked.terms();
        loss = checked.loss();
    }

    /** The losses of the student, which are those of KD-Net. */
    KdNetOptions kdNet() {
        return kdNet(lambda, temperature, alpha, terms, outputs, bottleneck, loss, deepSupervision);
    }

    private static KdNetOptions kdNet(
            double lambda,
            double temperature,
            double alpha,
            Set<KdNetOptions.Term> terms,
            TargetEncoding outputs,
            BottleneckNormalisation bottleneck,
            List<SupervisedLoss> loss,
            int deepSupervision) {
        KdNetOptions paper = KdNetOptions.PAPER;
        return new KdNetOptions(
                lambda,
                paper.supervision(),
                paper.response(),
                temperature,
                alpha,
                terms,
                outputs,
                paper.temperStudent(),
                bottleneck,
                paper.batchDice(),
                loss,
                deepSupervision,
                paper.ramp(),
                paper.regionWeights(),
                paper.margin());
    }
}
