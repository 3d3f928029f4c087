package dev.preceptor.distill;

import dev.preceptor.loss.HeteroModalLosses;
import dev.preceptor.loss.ReconstructionError;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.Auxiliary;
import dev.preceptor.network.Input;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;

/** A loss of the method {@code any-subset} besides that of the segmentation, of something that only some networks give. */
enum AuxiliaryTerm {
    /** The divergences between the latents of subsets. */
    DIVERGENCE(
            "divergence",
            Auxiliary.LATENT,
            "latents",
            AnySubsetOptions::divergence,
            step -> HeteroModalLosses.divergence(
                    step.auxiliary(), step.measured().present())),
    /** The error of the reconstructed sequences. */
    RECONSTRUCTION(
            "reconstruction",
            Auxiliary.RECONSTRUCTION,
            "reconstructions",
            AnySubsetOptions::reconstruction,
            step -> HeteroModalLosses.reconstruction(step.auxiliary(), step.measured(), step.error())),
    /** The divergence of the appearance of the sequences from a prior. */
    STYLE(
            "style",
            Auxiliary.STYLE,
            "appearance codes",
            AnySubsetOptions::style,
            step -> HeteroModalLosses.style(step.auxiliary(), step.measured().present())),
    /** The segmentations from single sequences. */
    SEPARATE(
            "separate",
            Auxiliary.SEPARATE,
            "segmentations from single sequences",
            AnySubsetOptions::separate,
            step -> HeteroModalLosses.separate(
                    step.auxiliary(), step.measured().present(), step.supervision(), step.classes())),
    /** The maps of class probabilities. */
    PROBABILITY_MAPS(
            "probabilityMaps",
            Auxiliary.PROBABILITY_MAP,
            "probability maps",
            AnySubsetOptions::probabilityMaps,
            step -> HeteroModalLosses.probabilityMaps(step.auxiliary(), step.supervision(), step.classes()));

    /**
     * What a loss is computed from.
     *
     * @param auxiliary features of the step
     * @param measured the images, and which sequences the subjects have
     * @param error of reconstructions
     * @param supervision the loss of one segmentation at full resolution
     * @param classes [B, X, Y, Z], int64
     */
    record Step(
            Map<String, Tensor> auxiliary,
            Input measured,
            ReconstructionError error,
            SegmentationLoss supervision,
            Tensor classes) {}

    private final String key;
    private final Auxiliary needs;
    private final String what;
    private final ToDoubleFunction<AnySubsetOptions> weight;
    private final Function<Step, Tensor> loss;

    AuxiliaryTerm(
            String key,
            Auxiliary needs,
            String what,
            ToDoubleFunction<AnySubsetOptions> weight,
            Function<Step, Tensor> loss) {
        this.key = key;
        this.needs = needs;
        this.what = what;
        this.weight = weight;
        this.loss = loss;
    }

    /** The key of its weight in recipes, and its name in the log. */
    String key() {
        return key;
    }

    /** What a network must give. */
    Auxiliary needs() {
        return needs;
    }

    /** The same in words, in the plural. */
    String what() {
        return what;
    }

    /** 0 where the loss is off. */
    double weight(AnySubsetOptions options) {
        return weight.applyAsDouble(options);
    }

    /** The loss, without its weight. */
    Tensor of(Step step) {
        return loss.apply(step);
    }
}
