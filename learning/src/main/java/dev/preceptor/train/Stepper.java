package dev.preceptor.train;

import dev.preceptor.data.Batch;
import dev.preceptor.distill.LossTerms;
import dev.preceptor.distill.Phase;
import dev.preceptor.parallel.GradientExchange;
import dev.preceptor.parallel.Ranks;
import dev.preceptor.tensor.ArrayData;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The steps of one phase with the optimizers that they need. For one thread. */
final class Stepper implements AutoCloseable {
    private final Phase phase;
    private final Ranks ranks;
    private final Map<String, Adam> optimizers = new TreeMap<>();
    private final Map<String, GradientExchange> exchanges = new TreeMap<>();

    /** For one process alone. */
    Stepper(Phase phase, Optimization settings) {
        this(phase, settings, Ranks.alone());
    }

    Stepper(Phase phase, Optimization settings, Ranks ranks) {
        this.phase = phase;
        this.ranks = ranks;
        phase.learners().forEach((name, learner) -> {
            optimizers.put(name, new Adam(learner, settings));
            exchanges.put(name, ranks.exchange(learner.weights().values()));
        });
    }

    /**
     * Trains on a batch, in the care of the innermost scope.
     *
     * @return the losses and figures
     */
    LossTerms step(Batch batch) {
        return phase.step(batch, (learner, losses) -> {
            Adam optimizer = optimizers.get(learner);
            exchanges.get(learner).during(onProgress -> optimizer.backward(losses, onProgress));
            optimizer.step();
        });
    }

    /** An epoch is over: what each process gathered on its share of the batches is brought together before it is used. */
    void endEpoch() {
        phase.recall(ranks.averagedLists(phase.memory()));
        phase.endEpoch();
    }

    /** The optimizer of the leading role's weights, which follows the schedule. */
    Adam leading() {
        return optimizers.get(phase.leading().name());
    }

    /** What each optimizer remembers apart from its moments. */
    Map<String, RunState.Optimizer> states() {
        Map<String, RunState.Optimizer> states = new TreeMap<>();
        optimizers.forEach((name, adam) -> states.put(name, new RunState.Optimizer(adam.learningRate())));
        return states;
    }

    /** What the phase remembers, on each process something else until the epoch is over. */
    Map<String, List<Double>> memory() {
        return ranks.gathered(phase.memory());
    }

    /** Adds copies of the moments. */
    void save(Map<String, ArrayData> moments) {
        optimizers.forEach((name, adam) -> adam.save(name, moments));
    }

    /** Takes over what {@link #states}, {@link #memory} and {@link #save} gave. */
    void restore(
            Map<String, RunState.Optimizer> states, Map<String, List<Double>> memory, Map<String, ArrayData> moments) {
        states.forEach((name, state) -> optimizers.get(name).restore(name, moments, state.learningRate()));
        phase.recall(ranks.ownPart(memory, phase.memory()));
    }

    @Override
    public void close() {
        exchanges.values().forEach(GradientExchange::close);
        optimizers.values().forEach(Adam::close);
    }
}
