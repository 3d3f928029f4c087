package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Features;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

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
        LossTerms losses = supervision.of(learned.logits(), batch.classes());
        updates.minimise(leading.name(), losses.total(), learned);
        return losses;
    }

    @Override
    public Validated validate(Batch batch) {
        Tensor logits = leading.forward(batch).logits();
        return new Validated(supervision.of(logits, batch.classes()), logits);
    }
}
