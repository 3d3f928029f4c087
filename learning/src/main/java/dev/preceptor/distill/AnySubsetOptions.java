package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code any-subset} (docs/methods/any-subset.md).
 *
 * @param outputs what the channels of the network mean
 * @param loss the summands of the loss against the labels
 * @param deepSupervision the number of decoder stages below the full resolution with a head that the loss supervises
 * @param subsets which sequences a step shows to the network
 * @param divergence weight of the divergences between the latents of subsets, at least 0; above 0 for networks with latents only
 * @param reconstruction weight of the squared error of the reconstructed sequences, at least 0; above 0 for networks that
 *     reconstruct only
 */
public record AnySubsetOptions(
        TargetEncoding outputs,
        List<SupervisedLoss> loss,
        int deepSupervision,
        SubsetDraw subsets,
        double divergence,
        double reconstruction) {
    static final AnySubsetOptions DEFAULTS = new AnySubsetOptions(
            TargetEncoding.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, 0, SubsetDraw.SIZES, 0, 0);

    public AnySubsetOptions {
        loss = List.copyOf(loss);
        Settings.require(
                divergence >= 0 && divergence < 1e6, "distillation.divergence", "a number of at least 0", divergence);
        Settings.require(
                reconstruction >= 0 && reconstruction < 1e6,
                "distillation.reconstruction",
                "a number of at least 0",
                reconstruction);
    }
}
