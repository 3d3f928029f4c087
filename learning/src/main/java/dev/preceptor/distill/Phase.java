package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Features;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** One stretch of training with its own optimizers, schedule and selection. */
public interface Phase {
    /** The name in logs; also that of the role that is validated and selected. */
    Role leading();

    /**
     * The groups of weights that this phase trains, by name; that of the {@link #leading()} role under its name. A schedule
     * that watches a loss changes the rate of that one, a schedule of time those of all.
     */
    Map<String, ParameterGroup> parameterGroups();

    /**
     * One step of training on one batch: computes the losses and asks for the updates, in the method's order.
     *
     * @return the losses to log
     */
    LossTerms step(Batch batch, Optimizers optimizers);

    /** The losses of the leading network on a batch it is not trained on; called without gradients. */
    Validated validate(Batch batch);

    /** The moments of a step, each with the forwards whose tensors are in memory at the same time, for who estimates it. */
    default List<MemoryPeak> memoryPeaks() {
        return List.of(new MemoryPeak(List.of(leading()), List.of()));
    }

    /** An epoch is over: what was gathered in its steps takes effect for the next one. */
    default void endEpoch() {}

    /** What the phase remembers from step to step besides weights, by name; finite numbers. It is part of a checkpoint. */
    default Map<String, List<Double>> state() {
        return Map.of();
    }

    /** Takes over what {@link #state} gave. */
    default void loadState(Map<String, List<Double>> memory) {}

    /** What the trainer does when a phase asks for it. */
    @FunctionalInterface
    interface Optimizers {
        /**
         * Back-propagates losses, each made when the one before is done with, and lets the optimizer of one group of
         * {@link #parameterGroups()} take one step down their sum.
         */
        void backwardAndStep(String learner, List<Supplier<LossTerm>> objectives);

        /** Back-propagates a loss and lets the optimizer of one group of {@link #parameterGroups()} take its step. */
        default void backwardAndStep(String learner, Tensor loss, Features... through) {
            backwardAndStep(learner, List.of(() -> new LossTerm(loss, List.of(through))));
        }
    }

    /**
     * Forwards that are in memory together.
     *
     * @param learning roles whose forwards wait for their way back
     * @param answering roles whose forwards ran without gradients
     */
    record MemoryPeak(List<Role> learning, List<Role> answering) {
        public MemoryPeak {
            learning = List.copyOf(learning);
            answering = List.copyOf(answering);
        }
    }

    /**
     * @param losses the losses, their total first in importance: it drives schedule, selection and early stopping
     * @param logits of the leading network, [B, K, X, Y, Z]
     */
    record Validated(LossTerms losses, Tensor logits) {}
}
