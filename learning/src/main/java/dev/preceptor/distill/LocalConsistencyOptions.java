package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.LocalConsistency;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code local-consistency} (docs/methods/local-consistency.md).
 *
 * @param outputs what the channels of both networks mean
 * @param loss the summands of L_GT, for teacher and student alike
 * @param deepSupervision the number of decoder stages below the full resolution with a head that L_GT supervises
 * @param zeroOrderWeight weight of the loss between probabilities, at least 0
 * @param firstOrderWeight weight of the loss between consistency maps, at least 0
 * @param compared by what the consistency map compares neighbours
 */
public record LocalConsistencyOptions(
        TargetEncoding outputs,
        List<SupervisedLoss> loss,
        int deepSupervision,
        double zeroOrderWeight,
        double firstOrderWeight,
        LocalConsistency.Compared compared)
        implements TaughtOptions {
    static final LocalConsistencyOptions DEFAULTS = new LocalConsistencyOptions(
            TargetEncoding.REGIONS,
            SupervisedLoss.DICE_AND_CROSS_ENTROPY,
            0,
            1,
            1,
            LocalConsistency.Compared.PROBABILITIES);

    public LocalConsistencyOptions {
        loss = List.copyOf(loss);
        Settings.requireWeight("distillation.zeroOrderWeight", zeroOrderWeight);
        Settings.requireWeight("distillation.firstOrderWeight", firstOrderWeight);
    }
}
