package dev.preceptor.train;

import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.Phase;
import dev.preceptor.optim.MovingAverage;
import dev.preceptor.optim.Optimization;
import dev.preceptor.optim.Optimizer;
import dev.preceptor.optim.Schedule;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.parallel.GradientReducer;
import dev.preceptor.run.RunState;
import dev.preceptor.tensor.ArrayData;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The optimizers of one phase: one for each of its parameter groups, the learning-rate schedule, and the moving average of the
 * leading network's weights. Passed to {@link Phase#step} as it is, every batch is a whole optimizer step. For one thread.
 */
public final class PhaseOptimizers implements Phase.Optimizers, AutoCloseable {
    private final Phase phase;
    private final Schedule schedule;
    private final int epochs;
    private final Communicator communicator;
    private final Map<String, Optimizer> optimizers = new TreeMap<>();
    private final Map<String, GradientReducer> reducers = new TreeMap<>();
    /** Of the leading role's weights; empty if the recipe asks for no average. */
    private final Optional<MovingAverage> average;

    private final Set<String> groupsOfBatch = new HashSet<>();
    private final Map<String, Double> gradientNorms = new LinkedHashMap<>();

    /** For a training in a single process. */
    public PhaseOptimizers(Phase phase, Optimization settings, int epochs) {
        this(phase, settings, epochs, Communicator.singleProcess());
    }

    /**
     * @param epochs number of epochs of the phase
     * @param communicator averages the gradients over the processes, so that the weights stay equal on all of them
     */
    PhaseOptimizers(Phase phase, Optimization settings, int epochs, Communicator communicator) {
        this.phase = phase;
        this.communicator = communicator;
        this.schedule = settings.schedule();
        this.epochs = epochs;
        phase.parameterGroups().forEach((name, parameterGroup) -> {
            optimizers.put(name, new Optimizer(parameterGroup, settings));
            reducers.put(name, communicator.reducer(parameterGroup.weights().values()));
        });
        this.average = settings.ema() == 0
                ? Optional.empty()
                : Optional.of(new MovingAverage(phase.selectedWeights(), settings.ema()));
        applyTimedSchedule(0);
    }

    @Override
    public void backwardAndStep(String group, List<Supplier<LossTerm>> losses) {
        backward(group, losses, true);
        step(group);
    }

    /** Begins the next batch: no parameter group has had its backward pass. */
    void beginBatch() {
        groupsOfBatch.clear();
        gradientNorms.clear();
    }

    /**
     * Runs the backward pass of each loss. The gradients of the batches of one step are averaged.
     *
     * @param group name of the parameter group
     * @param losses called one after the other; the memory of one is freed before the next call
     * @param isLast whether this is the last batch of the step, after which the gradients are averaged over the processes
     * @throws IllegalStateException if the phase updates a group twice in a batch that is not the last of its step: such
     *     gradients cannot be averaged over batches
     */
    void backward(String group, List<Supplier<LossTerm>> losses, boolean isLast) {
        if (!groupsOfBatch.add(group) && !isLast) {
            throw new IllegalStateException(
                    group + " is updated twice in a step: gradients of several batches cannot be averaged");
        }
        Optimizer optimizer = optimizers.get(group);
        if (isLast) {
            reducers.get(group).during(onProgress -> optimizer.backward(losses, onProgress));
        } else {
            optimizer.backward(losses);
        }
    }

    /** Clips the gradients of a parameter group, updates its weights, and with the leading group the moving average. */
    void step(String group) {
        boolean isLeading = group.equals(phase.leading().name());
        optimizers
                .get(group)
                .step()
                .ifPresent(norm -> gradientNorms.put(isLeading ? "gradient_norm" : "gradient_norm_" + group, norm));
        if (isLeading) {
            average.ifPresent(MovingAverage::update);
        }
    }

    /** The norms of the gradients before clipping, by name; empty without clipping, and before the step of a batch. */
    Map<String, Double> gradientNorms() {
        return Collections.unmodifiableMap(gradientNorms);
    }

    /** Ends an epoch of the phase, after the state that its processes accumulated has been averaged over them. */
    public void endEpoch() {
        phase.loadState(communicator.allReduceMeanLists(phase.state()));
        phase.endEpoch();
    }

    /**
     * Sets the learning rates of the next epoch.
     *
     * @param done number of finished epochs of the phase
     * @param monitored the monitored loss of the last epoch
     * @param plateauState state of the plateau schedule
     * @return the new state of the plateau schedule
     */
    RunState.PlateauState schedule(int done, double monitored, RunState.PlateauState plateauState) {
        applyTimedSchedule(done);
        if (!(schedule instanceof Schedule.Plateau plateau) || done <= plateau.after()) {
            return plateauState;
        }
        RunState.PlateauState updated = plateauState.after(monitored, plateau);
        if (!updated.isDue(plateau)) {
            return updated;
        }
        Optimizer leading = leading();
        leading.setLearningRate(Math.max(leading.learningRate() * plateau.factor(), plateau.minimum()));
        return updated.restarted();
    }

    /** Time-based schedules set the rate of every parameter group. */
    private void applyTimedSchedule(int epoch) {
        if (schedule instanceof Schedule.Timed timed && epoch < epochs) {
            optimizers
                    .values()
                    .forEach(optimizer -> optimizer.setLearningRate(timed.rate(optimizer.startRate(), epoch, epochs)));
        }
    }

    /** The learning rate of the leading parameter group. */
    double learningRate() {
        return leading().learningRate();
    }

    private Optimizer leading() {
        return optimizers.get(phase.leading().name());
    }

    /** Gives the leading network its averaged weights, if the recipe asks for an average, until the result is closed. */
    AveragedWeights averagedWeights() {
        average.ifPresent(MovingAverage::exchange);
        return () -> average.ifPresent(MovingAverage::exchange);
    }

    /** Leaves the averaged weights in the leading network, if the recipe asks for an average: the phase is over. */
    void applyAverage() {
        average.ifPresent(MovingAverage::exchange);
    }

    /** The leading network has its averaged weights until this is closed. */
    @FunctionalInterface
    interface AveragedWeights extends AutoCloseable {
        @Override
        void close();
    }

    /** The state of each optimizer apart from its arrays, by parameter group. */
    Map<String, RunState.OptimizerState> states() {
        Map<String, RunState.OptimizerState> states = new TreeMap<>();
        optimizers.forEach(
                (name, optimizer) -> states.put(name, new RunState.OptimizerState(optimizer.learningRate())));
        return states;
    }

    /** The state of the phase on all processes, which differs between them until the epoch ends. */
    Map<String, List<Double>> phaseState() {
        return communicator.allGather(phase.state());
    }

    /** Adds copies of the optimizer state and of the moving average. */
    void save(Map<String, ArrayData> arrays) {
        optimizers.forEach((name, optimizer) -> optimizer.save(name, arrays));
        average.ifPresent(saved -> saved.save(arrays));
    }

    /** Restores the results of {@link #states}, {@link #phaseState} and {@link #save}. */
    void restore(
            Map<String, RunState.OptimizerState> states,
            Map<String, List<Double>> phaseState,
            Map<String, ArrayData> arrays) {
        states.forEach((name, state) -> optimizers.get(name).restore(name, arrays, state.learningRate()));
        average.ifPresent(restored -> restored.restore(arrays));
        phase.loadState(communicator.ownShard(phaseState, phase.state()));
    }

    @Override
    public void close() {
        reducers.values().forEach(GradientReducer::close);
        optimizers.values().forEach(Optimizer::close);
        average.ifPresent(MovingAverage::close);
    }
}
