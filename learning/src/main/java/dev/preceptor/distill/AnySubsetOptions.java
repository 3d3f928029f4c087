package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.loss.ReconstructionError;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code any-subset} (docs/methods/any-subset.md). The weights of terms that a
 * network has no outputs for must be 0.
 *
 * @param outputs what the channels of the network mean
 * @param loss the summands of the loss against the labels
 * @param deepSupervision the number of decoder stages below the full resolution with a head that the loss supervises
 * @param subsets which sequences a step shows to the network
 * @param fusedAfter number of epochs of which the loss leaves out the segmentation from the subset, at least 0; above 0 only with
 *     {@code separate} or {@code probabilityMaps}
 * @param divergence weight of the divergences between the latents of subsets, at least 0
 * @param reconstruction weight of the error of the reconstructed sequences, at least 0
 * @param reconstructionError of which kind it is
 * @param style weight of the divergence of the appearance of the sequences from a prior, at least 0
 * @param separate weight of the loss of the segmentations from single sequences, at least 0
 * @param probabilityMaps weight of the loss of the maps of class probabilities, at least 0; above 0 for classes only
 */
public record AnySubsetOptions(
        TargetEncoding outputs,
        List<SupervisedLoss> loss,
        int deepSupervision,
        SubsetDraw subsets,
        int fusedAfter,
        double divergence,
        double reconstruction,
        ReconstructionError reconstructionError,
        double style,
        double separate,
        double probabilityMaps) {
    static final AnySubsetOptions DEFAULTS = new AnySubsetOptions(
            TargetEncoding.REGIONS,
            SupervisedLoss.DICE_AND_CROSS_ENTROPY,
            0,
            SubsetDraw.SIZES,
            0,
            0,
            0,
            ReconstructionError.SQUARED,
            0,
            0,
            0);

    public AnySubsetOptions {
        loss = List.copyOf(loss);
        requireWeight("divergence", divergence);
        requireWeight("reconstruction", reconstruction);
        requireWeight("style", style);
        requireWeight("separate", separate);
        requireWeight("probabilityMaps", probabilityMaps);
        Settings.require(
                fusedAfter >= 0 && fusedAfter <= 1_000_000,
                "distillation.fusedAfter",
                "0 or a number of epochs",
                fusedAfter);
        if (fusedAfter > 0 && separate == 0 && probabilityMaps == 0) {
            throw new InvalidRecipeException("distillation.fusedAfter must be 0 without distillation.separate and"
                    + " distillation.probabilityMaps: nothing would learn from the labels, not " + fusedAfter);
        }
    }

    private static void requireWeight(String key, double weight) {
        Settings.requireWeight("distillation." + key, weight);
    }
}
