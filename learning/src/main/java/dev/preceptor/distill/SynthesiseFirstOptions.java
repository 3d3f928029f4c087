package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code synthesise-first} (docs/methods/synthesise-first.md).
 *
 * @param outputs what the channels of the segmenter mean
 * @param loss the summands of the loss against the labels
 * @param deepSupervision the number of decoder stages of the segmenter below the full resolution with a head that the loss supervises
 * @param similarity weight of one minus the structural similarity in the loss of the generator, at least 0
 * @param endToEnd whether the second phase trains the generator too, on the sum of both losses; otherwise it is frozen
 */
public record SynthesiseFirstOptions(
        TargetEncoding outputs, List<SupervisedLoss> loss, int deepSupervision, double similarity, boolean endToEnd) {
    static final SynthesiseFirstOptions DEFAULTS =
            new SynthesiseFirstOptions(TargetEncoding.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, 0, 0.5, false);

    public SynthesiseFirstOptions {
        loss = List.copyOf(loss);
        Settings.requireWeight("distillation.similarity", similarity);
    }
}
