package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.network.Parameters;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * One network learns from the labels alone.
 *
 * @param leading the network
 * @param batchDice whether the sums of the Dice run over the batch
 */
record SupervisedPhase(Role leading, boolean batchDice) implements Phase {
    @Override
    public Map<String, Parameters> learners() {
        return Map.of(leading.name(), leading.network().parameters());
    }

    @Override
    public LossTerms step(Batch batch, Updates updates) {
        LossTerms losses = validate(batch).losses();
        updates.minimise(leading.name(), losses.total());
        return losses;
    }

    @Override
    public Validated validate(Batch batch) {
        Tensor logits = leading.network().forward(batch.input(leading.inputs())).logits();
        Tensor target = leading.outputs().target(batch.classes());
        Tensor loss = SegmentationLosses.supervised(leading.outputs(), logits, target, batchDice);
        return new Validated(new LossTerms(loss, Map.of("gt", loss)), logits);
    }
}
