package dev.preceptor.optim;

import dev.preceptor.base.Settings;

/**
 * Optimizer, learning rate and number of epochs; the {@code optimization} block of a recipe.
 *
 * @param epochs number of epochs of the student, 1 to 1,000,000
 * @param teacherEpochs number of epochs of a teacher that is trained before the student; 0 for the number of the student
 * @param optimizer the optimizer
 * @param learningRate learning rate before the schedule, above 0 and at most 10
 * @param beta1 decay of the first moment of Adam and AdamW, at least 0 and below 1
 * @param beta2 decay of the second moment of Adam and AdamW, at least 0 and below 1
 * @param weightDecay weight decay, 0 to 1: an L2 term in the gradient, or decoupled with AdamW
 * @param schedule learning rate schedule
 * @param clip maximal L2 norm of the gradients of one parameter group in a step; 0 for no clipping
 * @param accumulate number of batches whose gradients are averaged for a step, 1 to 1024
 * @param ema decay of the moving average of the leading network's weights; the average is validated, selected and saved. At
 *     least 0 and below 1; 0 for no average
 * @param stopAfter number of epochs without a lower monitored loss after which a phase ends; 0 for never
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

    /** The number of epochs of the student, or of a teacher that is trained before it. */
    public int epochsOf(boolean isStudent) {
        return isStudent || teacherEpochs == 0 ? epochs : teacherEpochs;
    }

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
