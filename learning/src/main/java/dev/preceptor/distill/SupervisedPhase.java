package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.Features;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Trains one network on the labels alone.
 *
 * @param leading the network
 * @param loss its loss against the labels
 * @param subjects which training subjects it is trained on, by ID
 */
public record SupervisedPhase(Role leading, SegmentationLoss loss, Predicate<String> subjects) implements Phase {
    /** On all training subjects. */
    public SupervisedPhase(Role leading, SegmentationLoss loss) {
        this(leading, loss, subject -> true);
    }

    @Override
    public boolean trainsOn(String subject) {
        return subjects.test(subject);
    }

    @Override
    public Map<String, ParameterGroup> parameterGroups() {
        return Map.of(leading.name(), ParameterGroup.of(leading.network().parameters()));
    }

    @Override
    public LossTerms step(Batch batch, Optimizers optimizers) {
        Features features = leading.forward(batch);
        LossTerms losses = loss.of(features, batch.classes());
        optimizers.backwardAndStep(leading.name(), losses, features);
        return losses;
    }

    @Override
    public Validated validate(Batch batch) {
        Features features = leading.forwardAtBedside(batch);
        return new Validated(loss.of(features, batch.classes()), features.logits());
    }
}
