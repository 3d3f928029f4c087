package dev.preceptor.run;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.optim.Schedule.Plateau;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The state of a run apart from its arrays: {@code state.json} of a checkpoint. The names of the components are the keys of the
 * file.
 *
 * @param phase number of the running phase, from 0
 * @param updates finished optimizer steps of the run
 * @param metricsLines valid lines of {@code metrics.jsonl}
 * @param epoch the running epoch
 * @param plateau state of the plateau schedule
 * @param best the selected weights
 * @param lowest the lowest monitored loss, for early stopping
 * @param optimizers state of the optimizers by parameter group; empty at the beginning of a phase
 * @param memory state of the phase itself; empty at its beginning
 * @param earned validation losses and scores of the roles whose phase is finished, by role
 */
public record RunState(
        int phase,
        long updates,
        int metricsLines,
        Epoch epoch,
        PlateauState plateau,
        Best best,
        Lowest lowest,
        Map<String, OptimizerState> optimizers,
        Map<String, List<Double>> memory,
        Map<String, Map<String, Double>> earned) {

    public RunState {
        require(phase >= 0 && updates >= 0 && metricsLines >= 0, "numbers from 0");
        require(
                epoch != null
                        && plateau != null
                        && best != null
                        && lowest != null
                        && optimizers != null
                        && memory != null,
                "values for every key");
        earned = ordered(earned);
    }

    /** The state at the beginning of a phase. */
    public static RunState beginning(
            int phase, long updates, int metricsLines, Map<String, Map<String, Double>> scores) {
        return new RunState(
                phase,
                updates,
                metricsLines,
                Epoch.FIRST,
                PlateauState.NONE,
                Best.NONE,
                Lowest.NONE,
                Map.of(),
                Map.of(),
                scores);
    }

    /**
     * The running epoch.
     *
     * @param done finished epochs of the phase
     * @param step finished steps of the running epoch
     * @param sums sums of losses and metrics over these steps, by name
     * @param seconds wall time of these steps
     * @param waited seconds of these in which a step waited for its batch
     */
    public record Epoch(int done, int step, Map<String, Double> sums, double seconds, double waited) {
        static final Epoch FIRST = new Epoch(0, 0, Map.of(), 0, 0);

        /** The beginning of the names of values that only some steps measure; those steps also have {@link #DIAGNOSED} = 1. */
        public static final String DIAGNOSIS = "diagnose_";

        /** The name of the number of steps that have values of a diagnosis. */
        public static final String DIAGNOSED = "diagnosed";

        public Epoch {
            require(done >= 0 && step >= 0, "numbers from 0");
            sums = ordered(sums);
        }

        /** After one more step, with its duration and its waiting time in seconds. */
        public Epoch stepped(Map<String, Double> losses, double duration, double wait) {
            Map<String, Double> added = new LinkedHashMap<>(sums);
            losses.forEach((name, value) -> added.merge(name, value, Double::sum));
            return new Epoch(done, step + 1, added, seconds + duration, waited + wait);
        }

        /** The beginning of the next epoch. */
        public Epoch next() {
            return new Epoch(done + 1, 0, Map.of(), 0, 0);
        }

        /** Mean number of steps per second; 0 before the first step. */
        public double stepsPerSecond() {
            return seconds > 0 ? step / seconds : 0;
        }

        /** Fraction of the time in which a step waited for its batch, 0 to 1. */
        public double dataWait() {
            return seconds > 0 ? waited / seconds : 0;
        }

        /** Mean losses and metrics over the finished steps, or over those that have them. */
        public Map<String, Double> means() {
            Map<String, Double> means = new LinkedHashMap<>(sums);
            Double diagnosed = means.remove(DIAGNOSED);
            means.replaceAll((name, sum) -> sum / (name.startsWith(DIAGNOSIS) ? diagnosed : step));
            return means;
        }
    }

    /**
     * The state of the plateau schedule (PyTorch's ReduceLROnPlateau: the rate falls when the count exceeds the patience).
     *
     * @param lowest lowest monitored loss; null before the first epoch
     * @param stale epochs without improvement
     */
    public record PlateauState(Double lowest, int stale) {
        public static final PlateauState NONE = new PlateauState(null, 0);

        /** After an epoch with this loss. */
        public PlateauState after(double loss, Plateau settings) {
            boolean improved = lowest == null || loss < lowest * (1 - settings.threshold());
            return improved ? new PlateauState(loss, 0) : new PlateauState(lowest, stale + 1);
        }

        /** After the rate was lowered: the count restarts. */
        public PlateauState restarted() {
            return new PlateauState(lowest, 0);
        }

        /** Whether the rate must be lowered now. */
        public boolean isDue(Plateau settings) {
            return stale > settings.patience();
        }
    }

    /**
     * The lowest monitored loss.
     *
     * @param loss null before the first epoch
     * @param epoch number of its epoch, from 1
     */
    public record Lowest(Double loss, int epoch) {
        static final Lowest NONE = new Lowest(null, 0);

        /** After an epoch with this loss. */
        public Lowest after(int done, double monitored) {
            return loss == null || monitored < loss ? new Lowest(monitored, done) : this;
        }
    }

    /**
     * The selected weights, which the checkpoint contains as {@code best/}.
     *
     * @param loss their monitored loss, for DICE one minus the mean Dice; null before the first validation
     * @param epoch number of their epoch, from 1
     * @param scores their validation losses and scores by name
     */
    public record Best(Double loss, int epoch, Map<String, Double> scores) {
        static final Best NONE = new Best(null, 0, Map.of());

        public Best {
            scores = ordered(scores);
        }

        /** Whether weights with this monitored loss are selected instead. */
        public boolean isBeatenBy(double other) {
            return loss == null || other < loss;
        }
    }

    /**
     * The state of an optimizer apart from its arrays.
     *
     * @param learningRate the current learning rate
     */
    public record OptimizerState(double learningRate) {}

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new InvalidRecipeException("the state of a run needs " + what);
        }
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        require(map != null && map.values().stream().allMatch(Objects::nonNull), "values for every key");
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
