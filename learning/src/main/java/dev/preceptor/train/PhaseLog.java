package dev.preceptor.train;

import dev.preceptor.distill.Phase;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.RunState;
import dev.preceptor.run.TrainingEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reports the progress of a phase: events to the listener, and one line of {@code metrics.jsonl} for each epoch. */
final class PhaseLog {
    private final String role;
    private final int epochs;
    private final int steps;
    private final RunFiles files;
    private final Consumer<TrainingEvent> listener;
    private Set<String> metricNames = Set.of();

    /**
     * @param role name of the leading role
     * @param epochs number of epochs of the phase
     * @param steps number of steps of an epoch
     */
    PhaseLog(String role, int epochs, int steps, RunFiles files, Consumer<TrainingEvent> listener) {
        this.role = role;
        this.epochs = epochs;
        this.steps = steps;
        this.files = files;
        this.listener = listener;
    }

    /** @param phase number of the phase, from 1 */
    void started(int phase, int phases) {
        listener.accept(new TrainingEvent.PhaseStarted(role, phase, phases, epochs, steps));
    }

    /** Names the values of the steps that are metrics; events report losses only. */
    void setMetricNames(Set<String> names) {
        metricNames = names;
    }

    /**
     * Reports a step.
     *
     * @param epoch the running epoch, after the step
     * @param seconds wall time of the step
     * @param dataWait seconds of these in which the step waited for data
     */
    void stepped(RunState.Epoch epoch, double learningRate, double seconds, double dataWait) {
        listener.accept(new TrainingEvent.Stepped(
                role,
                epoch.done() + 1,
                epochs,
                epoch.step(),
                steps,
                losses(epoch.means()),
                learningRate,
                seconds,
                dataWait));
    }

    /**
     * Writes the line of an epoch and reports it.
     *
     * @param epoch the finished epoch; its {@code done} counts the epochs before it
     * @param learningRate of the finished epoch
     * @param validation losses and scores by name; empty without validation
     */
    void epochEnded(RunState.Epoch epoch, double learningRate, Map<String, Double> validation) {
        int number = epoch.done() + 1;
        Map<String, Double> training = epoch.means();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("role", role);
        line.put("epoch", number);
        line.put("learning_rate", learningRate);
        line.put("seconds", epoch.seconds());
        line.put("steps_per_second", epoch.stepsPerSecond());
        line.put("data_wait", epoch.dataWait());
        line.put("training", training);
        line.put("validation", validation);
        files.addMetrics(line);
        listener.accept(new TrainingEvent.EpochEnded(
                role,
                number,
                losses(training),
                validation,
                learningRate,
                epoch.seconds(),
                epoch.stepsPerSecond(),
                epoch.dataWait()));
    }

    /** @param best the epoch with the best monitored value, from 1 */
    void stoppedEarly(ValidationSettings.Monitor monitor, int best) {
        String better = monitor == ValidationSettings.Monitor.DICE ? "higher " : "lower ";
        listener.accept(new TrainingEvent.Notice(
                "the " + role + " stopped early: no " + better + monitor.noun() + " since epoch " + best));
    }

    /** @param epoch number of the validated epoch, from 1 */
    void validated(int epoch, Phase phase, List<TrainingEvent.ValidationSample> samples) {
        if (!samples.isEmpty()) {
            listener.accept(new TrainingEvent.Validated(role, epoch, Validator.shownSequence(phase), samples));
        }
    }

    void notice(String line) {
        listener.accept(new TrainingEvent.Notice(line));
    }

    private Map<String, Double> losses(Map<String, Double> values) {
        Map<String, Double> losses = new LinkedHashMap<>(values);
        losses.keySet().removeAll(metricNames);
        losses.keySet().removeIf(name -> name.startsWith(RunState.Epoch.DIAGNOSIS));
        return losses;
    }
}
