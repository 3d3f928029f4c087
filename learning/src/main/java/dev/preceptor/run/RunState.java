package dev.preceptor.run;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.optim.Schedule.Plateau;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Where a run stands, apart from weights and moments: {@code state.json} of a checkpoint.
 *
 * @param phase the phase that is running, from 0
 * @param updates steps done in the whole run
 * @param metricsLines lines of {@code metrics.jsonl} that are valid
 * @param epoch the running epoch
 * @param plateau of the schedule
 * @param best of the selection
 * @param lowest of the watched loss, for early stopping
 * @param optimizers by learner; empty at the beginning of a phase
 * @param memory what the phase itself remembers; empty at its beginning
 * @param earned validation figures of the roles whose phase is over
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

    /** The beginning of a phase. */
    public static RunState beginning(
            int phase, long updates, int metricsLines, Map<String, Map<String, Double>> earned) {
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
                earned);
    }

    /**
     * @param done epochs of the phase that are over
     * @param step steps done in the running one
     * @param sums of the losses over these steps
     * @param seconds spent on these steps
     * @param waited seconds of these in which a step waited for its batch
     */
    public record Epoch(int done, int step, Map<String, Double> sums, double seconds, double waited) {
        static final Epoch FIRST = new Epoch(0, 0, Map.of(), 0, 0);

        public Epoch {
            require(done >= 0 && step >= 0, "numbers from 0");
            sums = ordered(sums);
        }

        /** After one more step. */
        public Epoch stepped(Map<String, Double> losses, double duration, double wait) {
            Map<String, Double> added = new LinkedHashMap<>(sums);
            losses.forEach((name, value) -> added.merge(name, value, Double::sum));
            return new Epoch(done, step + 1, added, seconds + duration, waited + wait);
        }

        /** The next epoch. */
        public Epoch next() {
            return new Epoch(done + 1, 0, Map.of(), 0, 0);
        }

        /** Pace of the steps done; 0 before the first. */
        public double stepsPerSecond() {
            return seconds > 0 ? step / seconds : 0;
        }

        /** Share of the time in which a step waited for its batch, 0 to 1. */
        public double dataWait() {
            return seconds > 0 ? waited / seconds : 0;
        }

        /** Mean losses over the steps done. */
        public Map<String, Double> means() {
            Map<String, Double> means = new LinkedHashMap<>(sums);
            means.replaceAll((name, sum) -> sum / step);
            return means;
        }
    }

    /**
     * What the plateau schedule remembers (methods.md 8.3: it reduces when the count exceeds the patience).
     *
     * @param lowest lowest watched loss; null before the first
     * @param stale epochs since
     */
    public record PlateauState(Double lowest, int stale) {
        public static final PlateauState NONE = new PlateauState(null, 0);

        /** After an epoch with this loss. */
        public PlateauState after(double loss, Plateau settings) {
            boolean improved = lowest == null || loss < lowest * (1 - settings.threshold());
            return improved ? new PlateauState(loss, 0) : new PlateauState(lowest, stale + 1);
        }

        /** After the rate has been lowered: the count begins anew. */
        public PlateauState restarted() {
            return new PlateauState(lowest, 0);
        }

        /** Whether the rate is to be lowered now. */
        public boolean isDue(Plateau settings) {
            return stale > settings.patience();
        }
    }

    /**
     * @param loss lowest watched loss; null before the first
     * @param epoch the epoch that had it, from 1
     */
    public record Lowest(Double loss, int epoch) {
        static final Lowest NONE = new Lowest(null, 0);

        public Lowest after(int done, double watched) {
            return loss == null || watched < loss ? new Lowest(watched, done) : this;
        }
    }

    /**
     * @param loss validation loss of the weights that would be kept; null before the first
     * @param epoch the epoch that had it, from 1
     * @param scores its validation figures
     */
    public record Best(Double loss, int epoch, Map<String, Double> scores) {
        static final Best NONE = new Best(null, 0, Map.of());

        public Best {
            scores = ordered(scores);
        }

        public boolean isBeatenBy(double other) {
            return loss == null || other < loss;
        }
    }

    /** @param learningRate at present */
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
