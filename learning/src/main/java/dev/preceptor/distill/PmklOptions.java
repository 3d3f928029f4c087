package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code pmkl} (docs/methods/pmkl.md).
 *
 * @param outputs what the channels of both networks mean
 * @param loss the summands of L_GT, for teacher and student alike
 * @param deepSupervision the number of decoder stages below the full resolution with a head that L_GT supervises
 * @param temperature T of the distillation, above 0
 * @param responseWeight weight of the distillation, at least 0
 * @param contrastWeight weight of the contrastive loss, at least 0
 * @param margin distance of the embeddings of different patches from which on they have no loss, above 0 and at most 2
 */
public record PmklOptions(
        TargetEncoding outputs,
        List<SupervisedLoss> loss,
        int deepSupervision,
        double temperature,
        double responseWeight,
        double contrastWeight,
        double margin)
        implements TaughtOptions {
    static final PmklOptions DEFAULTS =
            new PmklOptions(TargetEncoding.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, 0, 10, 0.5, 0.5, 1);

    public PmklOptions {
        loss = List.copyOf(loss);
        Settings.require(
                temperature > 0 && temperature < 1e6, "distillation.temperature", "a number above 0", temperature);
        Settings.requireWeight("distillation.responseWeight", responseWeight);
        Settings.requireWeight("distillation.contrastWeight", contrastWeight);
        Settings.require(
                margin > 0 && margin <= 2,
                "distillation.margin",
                "above 0 and at most 2, the largest distance of embeddings",
                margin);
    }
}
