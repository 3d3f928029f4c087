package dev.preceptor.distill;

import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a baseline recipe.
 *
 * @param outputs what the channels of the network mean
 * @param loss the summands of the loss
 * @param batchDice whether the sums of the Dice run over the batch too
 * @param deepSupervision the number of decoder stages below the full resolution with a head that the loss supervises
 */
public record BaselineOptions(
        TargetEncoding outputs, List<SupervisedLoss> loss, boolean batchDice, int deepSupervision) {
    static final BaselineOptions DEFAULTS =
            new BaselineOptions(TargetEncoding.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, false, 0);

    public BaselineOptions {
        loss = List.copyOf(loss);
    }
}
