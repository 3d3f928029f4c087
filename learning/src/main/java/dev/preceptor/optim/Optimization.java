package dev.preceptor.optim;

import dev.preceptor.base.Settings;

/**
 * How long and with which steps a network is trained; the {@code optimization} block of a recipe.
 *
 * @param epochs of the student
 * @param teacherEpochs of a teacher that is trained first; 0 for as many as the student
 * @param optimizer how gradients become steps
 * @param learningRate at the start, before the schedule
 * @param beta1 decay of the first moment of Adam and AdamW
 * @param beta2 decay of the second moment of Adam and AdamW
 * @param weightDecay as the optimizer takes it
 * @param schedule how the learning rate changes
 * @param clip the largest norm that the gradients of a learner may have in a step, over all its weights; 0 for any
 * @param accumulate batches whose gradients are averaged for a step, at least 1
 * @param ema decay of the moving average of the leading network's weights, which is what is validated, selected and kept;
 *     0 for none
 * @param stopAfter epochs without improvement after which a phase ends; 0 for never
 */
public record Optimization(
        int epochs,
        int teacherEpochs,
        OptimizerKind optimizer,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        Schedule schedule,
        double clip,
        int accumulate,
        double ema,
        int stopAfter) {

    public Optimization {
        Settings.require(epochs >= 1 && epochs <= 1_000_000, "optimization.epochs", "a whole number from 1", epochs);
        Settings.require(
                teacherEpochs >= 0 && teacherEpochs <= 1_000_000,
                "optimization.teacherEpochs",
                "0 or more epochs",
                teacherEpochs);
        Settings.require(
                learningRate > 0 && learningRate <= 10,
                "optimization.learningRate",
                "above 0 and at most 10",
                learningRate);
        Settings.require(beta1 >= 0 && beta1 < 1, "optimization.beta1", "at least 0 and below 1", beta1);
        Settings.require(beta2 >= 0 && beta2 < 1, "optimization.beta2", "at least 0 and below 1", beta2);
        Settings.require(weightDecay >= 0 && weightDecay <= 1, "optimization.weightDecay", "from 0 to 1", weightDecay);
        Settings.require(clip >= 0 && Double.isFinite(clip), "optimization.clip", "0 or a norm above it", clip);
        Settings.require(
                accumulate >= 1 && accumulate <= 1024,
                "optimization.accumulate",
                "a number of batches from 1 to 1024",
                accumulate);
        Settings.require(ema >= 0 && ema < 1, "optimization.ema", "at least 0 and below 1", ema);
        Settings.require(stopAfter >= 0, "optimization.stopAfter", "0 or a number of epochs", stopAfter);
        if (schedule instanceof Schedule.Cosine cosine) {
            int shortest = teacherEpochs == 0 ? epochs : Math.min(epochs, teacherEpochs);
            Settings.require(
                    cosine.warmup() < shortest,
                    "optimization.schedule.warmup",
                    "less than the " + shortest + " epochs of a phase",
                    cosine.warmup());
            Settings.require(
                    cosine.minimum() < learningRate,
                    "optimization.schedule.minimum",
                    "below the learning rate " + learningRate,
                    cosine.minimum());
        }
    }
}
