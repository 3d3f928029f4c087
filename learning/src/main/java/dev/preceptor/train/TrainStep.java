package dev.preceptor.train;

import dev.preceptor.data.Batch;
import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.Phase;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.optim.MovingAverage;
import dev.preceptor.optim.Optimization;
import dev.preceptor.optim.Optimizer;
import dev.preceptor.optim.Schedule;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.parallel.GradientReducer;
import dev.preceptor.run.RunState;
import dev.preceptor.tensor.ArrayData;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The steps of one phase with the optimizers that they need, and the schedule of their rates. For one thread. */
public final class TrainStep implements AutoCloseable {
    private final Phase phase;
    private final Schedule schedule;
    private final int epochs;
    private final Communicator communicator;
    private final Map<String, Optimizer> optimizers = new TreeMap<>();
    private final Map<String, GradientReducer> exchanges = new TreeMap<>();
    /** Of the leading role's weights, if the recipe wants one. */
    private final Optional<MovingAverage> average;

    /** For one process alone. */
    public TrainStep(Phase phase, Optimization settings, int epochs) {
        this(phase, settings, epochs, Communicator.singleProcess());
    }

    /**
     * @param epochs of the phase
     * @param communicator each take a share of every batch; weights change alike on all
     */
    TrainStep(Phase phase, Optimization settings, int epochs, Communicator communicator) {
        this.phase = phase;
        this.communicator = communicator;
        this.schedule = settings.schedule();
        this.epochs = epochs;
        phase.parameterGroups().forEach((name, parameterGroup) -> {
            optimizers.put(name, new Optimizer(parameterGroup, settings));
            exchanges.put(name, communicator.reducer(parameterGroup.weights().values()));
        });
        this.average = settings.ema() == 0
                ? Optional.empty()
                : Optional.of(
                        new MovingAverage(phase.leading().network().parameters().asMap(), settings.ema()));
        follow(0);
    }

    /**
     * A whole step on one batch, in the care of the innermost scope.
     *
     * @return the losses and figures
     */
    public LossTerms step(Batch batch) {
        return step(batch, true);
    }

    /**
     * Trains on one of the batches of a step, in the care of the innermost scope: every loss is back-propagated, but
     * weights change with the last batch alone. Until then all batches meet the same weights.
     *
     * @param isLast whether the optimizers take their steps, in the order in which the phase asks for them
     * @return the losses and figures, among them the norms of gradients that are clipped
     */
    LossTerms step(Batch batch, boolean isLast) {
        Map<String, Double> norms = new LinkedHashMap<>();
        Set<String> asked = new HashSet<>();
        LossTerms terms = phase.step(batch, (learner, losses) -> {
            if (!asked.add(learner) && !isLast) {
                throw new IllegalStateException(
                        learner + " is updated twice in a step: gradients of several batches cannot be averaged");
            }
            OptionalDouble norm = minimise(learner, losses, isLast);
            norm.ifPresent(value -> norms.put(figure(learner), value));
        });
        return terms.with(norms);
    }

    private String figure(String learner) {
        return learner.equals(phase.leading().name()) ? "gradient_norm" : "gradient_norm_" + learner;
    }

    private OptionalDouble minimise(String learner, List<Supplier<LossTerm>> losses, boolean isLast) {
        Optimizer optimizer = optimizers.get(learner);
        if (!isLast) {
            optimizer.backward(losses);
            return OptionalDouble.empty();
        }
        exchanges.get(learner).during(onProgress -> optimizer.backward(losses, onProgress));
        // Here the gradients of this learner are complete, and nobody has used them yet.
        OptionalDouble norm = optimizer.step();
        if (learner.equals(phase.leading().name())) {
            average.ifPresent(MovingAverage::update);
        }
        return norm;
    }

    /** An epoch is over: what each process gathered on its share of the batches is brought together before it is used. */
    public void endEpoch() {
        phase.loadState(communicator.allReduceMeanLists(phase.state()));
        phase.endEpoch();
    }

    /**
     * Sets the rates of the next epoch.
     *
     * @param done epochs of the phase that are over
     * @param watched the loss of the last one
     * @param plateauState what the schedule remembers
     * @return what it is to remember
     */
    RunState.PlateauState schedule(int done, double watched, RunState.PlateauState plateauState) {
        follow(done);
        if (!(schedule instanceof Schedule.Plateau plateau) || done <= plateau.after()) {
            return plateauState;
        }
        RunState.PlateauState seen = plateauState.after(watched, plateau);
        if (!seen.isDue(plateau)) {
            return seen;
        }
        Optimizer leading = leading();
        leading.setLearningRate(Math.max(leading.learningRate() * plateau.factor(), plateau.minimum()));
        return seen.restarted();
    }

    /** Where a schedule depends on the epoch alone, all rates are those of this one. */
    private void follow(int epoch) {
        if (schedule instanceof Schedule.Timed timed && epoch < epochs) {
            optimizers
                    .values()
                    .forEach(optimizer -> optimizer.setLearningRate(timed.rate(optimizer.startRate(), epoch, epochs)));
        }
    }

    /** The learning rate of the leading role's weights. */
    double learningRate() {
        return leading().learningRate();
    }

    private Optimizer leading() {
        return optimizers.get(phase.leading().name());
    }

    /** Gives the leading network the average of its weights, if the recipe wants one, until this is closed. */
    Averaged averaged() {
        average.ifPresent(MovingAverage::exchange);
        return () -> average.ifPresent(MovingAverage::exchange);
    }

    /** Gives the leading network the average of its weights for good, if the recipe wants one: the phase is over. */
    void settle() {
        average.ifPresent(MovingAverage::exchange);
    }

    /** While it is open the leading network has averaged weights. */
    @FunctionalInterface
    interface Averaged extends AutoCloseable {
        @Override
        void close();
    }

    /** What each optimizer remembers apart from its moments. */
    Map<String, RunState.OptimizerState> states() {
        Map<String, RunState.OptimizerState> states = new TreeMap<>();
        optimizers.forEach(
                (name, optimizer) -> states.put(name, new RunState.OptimizerState(optimizer.learningRate())));
        return states;
    }

    /** What the phase remembers, on each process something else until the epoch is over. */
    Map<String, List<Double>> memory() {
        return communicator.allGather(phase.state());
    }

    /** Adds copies of the moments and of the average. */
    void save(Map<String, ArrayData> moments) {
        optimizers.forEach((name, optimizer) -> optimizer.save(name, moments));
        average.ifPresent(kept -> kept.save(moments));
    }

    /** Takes over what {@link #states}, {@link #memory} and {@link #save} gave. */
    void restore(
            Map<String, RunState.OptimizerState> states,
            Map<String, List<Double>> memory,
            Map<String, ArrayData> moments) {
        states.forEach((name, state) -> optimizers.get(name).restore(name, moments, state.learningRate()));
        average.ifPresent(kept -> kept.restore(moments));
        phase.loadState(communicator.ownShard(memory, phase.state()));
    }

    @Override
    public void close() {
        exchanges.values().forEach(GradientReducer::close);
        optimizers.values().forEach(Optimizer::close);
        average.ifPresent(MovingAverage::close);
    }
}
