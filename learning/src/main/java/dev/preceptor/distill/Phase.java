package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Features;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * A part of a training with its own optimizers, schedule and model selection. The trainer calls {@link #step} for each batch
 * and {@link #endEpoch} after each epoch; {@link SupervisedPhase} is the smallest example.
 */
public interface Phase {
    /** The network that is validated and selected; the phase has its name in logs. */
    Role leading();

    /**
     * The weights that this phase trains, one optimizer per group, by name. The group of the {@link #leading()} role has the
     * name of the role. Plateau schedules apply to that group only; time-based schedules to all.
     */
    Map<String, ParameterGroup> parameterGroups();

    /**
     * One training step on one batch: computes the losses and updates the weights through {@code optimizers}, in the order of
     * the method.
     *
     * @return the losses for the log
     */
    LossTerms step(Batch batch, Optimizers optimizers);

    /** The losses of the leading network on a batch of the validation set; the trainer calls it with gradients off. */
    Validated validate(Batch batch);

    /**
     * Whether {@link #validate} gives logits of the outputs of the leading role. A phase that trains a network to do something else
     * has no Dice; its losses alone select.
     */
    default boolean segments() {
        return true;
    }

    /**
     * The weights that validation selects and of which a moving average is taken, by name: those of the leading network, and any
     * that must come from the same epoch.
     */
    default Map<String, Tensor> selectedWeights() {
        return leading().network().parameters().asMap();
    }

    /** The moments of a step at which memory use may peak, for the estimate of a step's memory. */
    default List<MemoryPeak> memoryPeaks() {
        return List.of(new MemoryPeak(List.of(leading()), List.of()));
    }

    /** Bytes of cached outputs of frozen teachers that the phase keeps at most, for the estimate of a training's memory. */
    default long teacherCacheBytes() {
        return 0;
    }

    /** Whether its steps use patches without labels, which {@code sampling.unlabelled} mixes into its batches. */
    default boolean usesUnlabelled() {
        return false;
    }

    /**
     * Whether its steps draw patches of a training subject.
     *
     * @param subject ID of a labelled training subject
     */
    default boolean trainsOn(String subject) {
        return true;
    }

    /**
     * The trained networks that label the subjects without labels before this phase begins: the classes of {@code Batch} are then
     * what the mean of their logits predicts for the whole subject, and patches are centred on it. Empty to leave them without
     * classes.
     */
    default List<Role> labellers() {
        return List.of();
    }

    /** Weights of the regions that follow from scores on the validation subjects; the trainer supplies the scores. */
    default Optional<RegionAdvantage> regionAdvantage() {
        return Optional.empty();
    }

    /** The end of an epoch: what the steps accumulated takes effect for the next one. */
    default void endEpoch() {}

    /** What the phase carries from step to step besides weights, by name; finite numbers. Checkpoints contain it. */
    default Map<String, List<Double>> state() {
        return Map.of();
    }

    /** Restores what {@link #state} returned. */
    default void loadState(Map<String, List<Double>> state) {}

    /** The optimizers of a phase, one for each of its {@link #parameterGroups()}. */
    @FunctionalInterface
    interface Optimizers {
        /**
         * Runs the backward pass of each loss, and one step of the optimizer of a group on the sum of their gradients.
         *
         * @param group name of the group
         * @param losses called one after the other; the memory of one is freed before the next call
         */
        void backwardAndStep(String group, List<Supplier<LossTerm>> losses);

        /** {@link #backwardAndStep(String, List)} for one loss that depends on these features. */
        default void backwardAndStep(String group, Tensor loss, Features... dependsOn) {
            backwardAndStep(group, List.of(() -> new LossTerm(loss, List.of(dependsOn))));
        }

        /**
         * {@link #backwardAndStep(String, Tensor, Features...)} for the total of losses. With {@code distillation.diagnose} the
         * trainer measures the gradient of each term that has one.
         */
        default void backwardAndStep(String group, LossTerms losses, Features... dependsOn) {
            backwardAndStep(group, losses.total(), dependsOn);
        }
    }

    /**
     * Forward passes whose tensors are in memory at the same time.
     *
     * @param withBackward roles whose forward pass awaits its backward pass
     * @param forwardOnly roles whose forward pass ran without gradients
     */
    record MemoryPeak(List<Role> withBackward, List<Role> forwardOnly) {
        public MemoryPeak {
            withBackward = List.copyOf(withBackward);
            forwardOnly = List.copyOf(forwardOnly);
        }
    }

    /**
     * @param losses of which the total or, with {@code validation.monitor: SUPERVISED}, the term {@link LossTerms#SUPERVISED}
     *     drives schedule, selection and early stopping; a method that adds terms to the supervised one must name it so
     * @param logits of the leading network, [B, K, X, Y, Z]; not read unless the phase {@link #segments}
     */
    record Validated(LossTerms losses, Tensor logits) {}
}
