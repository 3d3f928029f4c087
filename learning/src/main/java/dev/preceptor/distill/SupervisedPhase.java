package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.Features;
import java.util.Map;

/**
 * One network learns from the labels alone.
 *
 * @param leading the network
 * @param supervision its loss
 */
record SupervisedPhase(Role leading, SegmentationLoss supervision) implements Phase {
    @Override
    public Map<String, ParameterGroup> parameterGroups() {
        return Map.of(leading.name(), ParameterGroup.of(leading.network().parameters()));
    }

    @Override
    public LossTerms step(Batch batch, Optimizers optimizers) {
        Features learned = leading.forward(batch);
        LossTerms losses = supervision.of(learned, batch.classes());
        optimizers.backwardAndStep(leading.name(), losses.total(), learned);
        return losses;
    }

    @Override
    public Validated validate(Batch batch) {
        Features features = leading.forward(batch);
        return new Validated(supervision.of(features, batch.classes()), features.logits());
    }
}
