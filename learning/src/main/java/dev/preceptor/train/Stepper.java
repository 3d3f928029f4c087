package dev.preceptor.train;

import dev.preceptor.data.Batch;
import dev.preceptor.distill.LossTerms;
import dev.preceptor.distill.Phase;
import dev.preceptor.tensor.ArrayData;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** The steps of one phase with the optimizers that they need. For one thread. */
final class Stepper implements AutoCloseable {
    private final Phase phase;
    private final Map<String, Optimizer> optimizers = new TreeMap<>();

    Stepper(Phase phase, Optimization settings) {
        this.phase = phase;
        phase.learners().forEach((name, learner) -> optimizers.put(name, new Optimizer(learner, settings)));
    }

    /**
     * Trains on a batch, in the care of the innermost scope.
     *
     * @return the losses and figures
     */
    LossTerms step(Batch batch) {
        return phase.step(batch, this::minimise);
    }

    private void minimise(String learner, List<Supplier<Tensor>> losses) {
        Optimizer optimizer = optimizers.get(learner);
        optimizer.backward(losses);
        optimizer.step();
    }

    /** An epoch is over. */
    void endEpoch() {
        phase.endEpoch();
    }

    /** The optimizer of the leading role's weights, which follows the schedule. */
    Optimizer leading() {
        return optimizers.get(phase.leading().name());
    }

    /** What each optimizer remembers apart from its moments. */
    Map<String, RunState.Optimizer> states() {
        Map<String, RunState.Optimizer> states = new TreeMap<>();
        optimizers.forEach((name, optimizer) -> states.put(name, new RunState.Optimizer(optimizer.learningRate())));
        return states;
    }

    /** What the phase remembers. */
    Map<String, List<Double>> memory() {
        return phase.memory();
    }

    /** Adds copies of the moments. */
    void save(Map<String, ArrayData> moments) {
        optimizers.forEach((name, optimizer) -> optimizer.save(name, moments));
    }

    /** Takes over what {@link #states}, {@link #memory} and {@link #save} gave. */
    void restore(
            Map<String, RunState.Optimizer> states, Map<String, List<Double>> memory, Map<String, ArrayData> moments) {
        states.forEach((name, state) -> optimizers.get(name).restore(name, moments, state.learningRate()));
        phase.recall(memory);
    }

    @Override
    public void close() {
        optimizers.values().forEach(Optimizer::close);
    }
}
