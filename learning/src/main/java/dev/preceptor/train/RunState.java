package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.train.Schedule.Plateau;
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
record RunState(
        int phase,
        long updates,
        int metricsLines,
        Epoch epoch,
        Watch plateau,
        Best best,
        Lowest lowest,
        Map<String, Optimizer> optimizers,
        Map<String, List<Double>> memory,
        Map<String, Map<String, Double>> earned) {

    RunState {
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
    static RunState beginning(int phase, long updates, int metricsLines, Map<String, Map<String, Double>> earned) {
        return new RunState(
                phase,
                updates,
                metricsLines,
                Epoch.FIRST,
                Watch.NONE,
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
    record Epoch(int done, int step, Map<String, Double> sums, double seconds, double waited) {
        static final Epoch FIRST = new Epoch(0, 0, Map.of(), 0, 0);

        Epoch {
            require(done >= 0 && step >= 0, "numbers from 0");
            sums = ordered(sums);
        }

        /** After one more step. */
        Epoch stepped(Map<String, Double> losses, double duration, double wait) {
            Map<String, Double> added = new LinkedHashMap<>(sums);
            losses.forEach((name, value) -> added.merge(name, value, Double::sum));
            return new Epoch(done, step + 1, added, seconds + duration, waited + wait);
        }

        /** The next epoch. */
        Epoch next() {
            return new Epoch(done + 1, 0, Map.of(), 0, 0);
        }

        /** Pace of the steps done; 0 before the first. */
        double stepsPerSecond() {
            return seconds > 0 ? step / seconds : 0;
        }

        /** Share of the time in which a step waited for its batch, 0 to 1. */
        double dataWait() {
            return seconds > 0 ? waited / seconds : 0;
        }

        /** Mean losses over the steps done. */
        Map<String, Double> means() {
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
    record Watch(Double lowest, int stale) {
        static final Watch NONE = new Watch(null, 0);

        /** After an epoch with this loss. */
        Watch after(double loss, Plateau settings) {
            boolean improved = lowest == null || loss < lowest * (1 - settings.threshold());
            return improved ? new Watch(loss, 0) : new Watch(lowest, stale + 1);
        }

        /** After the rate has been lowered: the count begins anew. */
        Watch restarted() {
            return new Watch(lowest, 0);
        }

        /** Whether the rate is to be lowered now. */
        boolean isDue(Plateau settings) {
            return stale > settings.patience();
        }
    }

    /**
     * @param loss lowest watched loss; null before the first
     * @param epoch the epoch that had it, from 1
     */
    record Lowest(Double loss, int epoch) {
        static final Lowest NONE = new Lowest(null, 0);

        Lowest after(int done, double watched) {
            return loss == null || watched < loss ? new Lowest(watched, done) : this;
        }
    }

    /**
     * @param loss validation loss of the weights that would be kept; null before the first
     * @param epoch the epoch that had it, from 1
     * @param scores its validation figures
     */
    record Best(Double loss, int epoch, Map<String, Double> scores) {
        static final Best NONE = new Best(null, 0, Map.of());

        Best {
            scores = ordered(scores);
        }

        boolean isBeatenBy(double other) {
            return loss == null || other < loss;
        }
    }

    /** @param learningRate at present */
    record Optimizer(double learningRate) {}

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
