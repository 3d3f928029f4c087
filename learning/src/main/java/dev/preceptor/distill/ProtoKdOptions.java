package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code proto-kd} (docs/methods/proto-kd.md).
 *
 * @param outputs what the channels of both networks mean
 * @param loss the summands of L_GT, for teacher and student alike
 * @param deepSupervision the number of decoder stages below the full resolution with a head that L_GT supervises
 * @param temperature T of the loss between logits, above 0
 * @param responseWeight weight of the loss between logits, at least 0
 * @param prototypeWeight weight of the prototype loss, at least 0
 */
public record ProtoKdOptions(
        TargetEncoding outputs,
        List<SupervisedLoss> loss,
        int deepSupervision,
        double temperature,
        double responseWeight,
        double prototypeWeight)
        implements TaughtOptions {
    static final ProtoKdOptions DEFAULTS =
            new ProtoKdOptions(TargetEncoding.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, 0, 10, 10, 0.1);

    public ProtoKdOptions {
        loss = List.copyOf(loss);
        Settings.require(
                temperature > 0 && temperature < 1e6, "distillation.temperature", "a number above 0", temperature);
        Settings.requireWeight("distillation.responseWeight", responseWeight);
        Settings.requireWeight("distillation.prototypeWeight", prototypeWeight);
    }
}
