package dev.preceptor.run;

import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An event of a training, reported to its listener on the training thread, in order. */
public sealed interface TrainingEvent {
    /**
     * A phase starts or is resumed.
     *
     * @param role the leading role
     * @param phase number of the phase, from 1
     * @param phases number of phases
     * @param epochs number of epochs of the phase
     * @param stepsPerEpoch optimizer steps of an epoch
     */
    record PhaseStarted(String role, int phase, int phases, int epochs, int stepsPerEpoch) implements TrainingEvent {}

    /**
     * An optimizer step is finished.
     *
     * @param role the leading role
     * @param epoch number of the epoch, from 1
     * @param epochs number of epochs of the phase
     * @param step number of the step in the epoch, from 1
     * @param steps steps of an epoch
     * @param losses means over the epoch so far by name, {@code loss} first
     * @param learningRate of the leading parameter group
     * @param seconds wall time of this step
     * @param dataWaitSeconds seconds of these in which it waited for its batches
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
     * An epoch is finished.
     *
     * @param role the leading role
     * @param epoch number of the epoch, from 1
     * @param training mean losses by name
     * @param validation losses and {@code dice_WT} and so on by name; empty without validation
     * @param learningRate of the leading parameter group in this epoch
     * @param seconds wall time of its steps
     * @param stepsPerSecond mean over these
     * @param dataWait fraction of these in which a step waited for its batches, 0 to 1
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
            implements TrainingEvent {
        /** In {@code validation}, what stands before the name of the region whose mean Dice it is. */
        public static final String DICE = "dice_";
    }

    /**
     * The leading network was validated.
     *
     * @param role the leading role
     * @param epoch number of the epoch, from 1
     * @param shown the sequence of the images
     * @param subjects the first few validation subjects
     */
    record Validated(String role, int epoch, Sequence shown, List<ValidationSample> subjects) implements TrainingEvent {
        public Validated {
            subjects = List.copyOf(subjects);
        }
    }

    /**
     * A validation subject on the grid of the model; arrays are x-fastest.
     *
     * @param subject ID of the subject
     * @param size extents in voxels
     * @param image normalised intensities
     * @param truth label values of the reference
     * @param predicted label values of the prediction
     * @param labels what both mean; the values are the numbers of the classes
     */
    record ValidationSample(
            String subject, Size size, float[] image, byte[] truth, byte[] predicted, LabelSpace labels) {}

    /** A checkpoint was written. */
    record CheckpointWritten(Path folder) implements TrainingEvent {}

    /** A message for the user, for instance about a skipped checkpoint or an early stop. */
    record Notice(String line) implements TrainingEvent {}

    /** The model file of a role was written. */
    record ModelWritten(String role, Path file) implements TrainingEvent {}
}
