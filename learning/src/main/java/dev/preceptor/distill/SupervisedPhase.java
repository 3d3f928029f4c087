package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Features;
import java.util.Map;

/**
 * One network learns from the labels alone.
 *
 * @param leading the network
 * @param supervision its loss
 */
record SupervisedPhase(Role leading, Supervision supervision) implements Phase {
    @Override
    public Map<String, Learner> learners() {
        return Map.of(leading.name(), Learner.of(leading.network().parameters()));
    }

    @Override
    public LossTerms step(Batch batch, Updates updates) {
        Features learned = leading.forward(batch);
        LossTerms losses = supervision.of(learned, batch.classes());
        updates.minimise(leading.name(), losses.total(), learned);
        return losses;
    }

    @Override
    public Validated validate(Batch batch) {
        Features features = leading.forward(batch);
        return new Validated(supervision.of(features, batch.classes()), features.logits());
    }
}
