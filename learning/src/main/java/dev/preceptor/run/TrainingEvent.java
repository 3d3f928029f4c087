package dev.preceptor.run;

import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a training tells its watcher, in the order in which it happens, on the training thread. */
public sealed interface TrainingEvent {
    /**
     * A phase begins or goes on.
     *
     * @param role which network leads it
     * @param phase its number from 1
     */
    record PhaseStarted(String role, int phase, int phases, int epochs, int stepsPerEpoch) implements TrainingEvent {}

    /**
     * A step is done.
     *
     * @param epoch from 1
     * @param step from 1
     * @param losses means over the epoch so far by name, {@code loss} first
     * @param seconds how long this step took
     * @param dataWaitSeconds how much of that it waited for its batch
     */
    record Stepped(
            String role,
            int epoch,
            int epochs,
            int step,
            int steps,
            Map<String, Double> losses,
            double learningRate,
            double seconds,
            double dataWaitSeconds)
            implements TrainingEvent {}

    /**
     * An epoch is done.
     *
     * @param epoch from 1
     * @param training mean losses by name
     * @param validation losses and {@code dice_WT} and so on by name; empty without validation
     * @param seconds spent on its steps
     * @param stepsPerSecond in these
     * @param dataWait the share of them in which a step waited for its batch, 0 to 1
     */
    record EpochEnded(
            String role,
            int epoch,
            Map<String, Double> training,
            Map<String, Double> validation,
            double learningRate,
            double seconds,
            double stepsPerSecond,
            double dataWait)
            implements TrainingEvent {}

    /**
     * The leading network has been validated.
     *
     * @param epoch from 1
     * @param shown the sequence of the images
     * @param subjects the first few of the validation subjects
     */
    record Validated(String role, int epoch, Sequence shown, List<ValidationSample> subjects) implements TrainingEvent {
        public Validated {
            subjects = List.copyOf(subjects);
        }
    }

    /**
     * A validation subject on the grid of the model.
     *
     * @param image x-fastest, normalised
     * @param truth x-fastest: 0 background, 1 NCR, 2 ED, 3 ET
     * @param predicted as the truth
     */
    record ValidationSample(String subject, Size size, float[] image, byte[] truth, byte[] predicted) {}

    /** A checkpoint is on the disk. */
    record CheckpointWritten(Path folder) implements TrainingEvent {}

    /** Something a user should know: a checkpoint skipped, an early stop. */
    record Notice(String line) implements TrainingEvent {}

    /** The model of a role is final. */
    record ModelWritten(String role, Path file) implements TrainingEvent {}
}
