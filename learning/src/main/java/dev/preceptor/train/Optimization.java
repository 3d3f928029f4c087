package dev.preceptor.train;

import dev.preceptor.base.Settings;

/**
 * How long and with which steps a network is trained; the {@code optimization} block of a recipe.
 *
 * @param epochs of the student
 * @param teacherEpochs of a teacher that is trained first; 0 for as many as the student
 * @param learningRate of Adam, at the start
 * @param beta1 decay of Adam's first moment
 * @param beta2 decay of Adam's second moment
 * @param weightDecay L2 in the gradient, as PyTorch's Adam
 * @param plateau when the learning rate falls, that of the network which leads the phase
 * @param stopAfter epochs without improvement after which a phase ends; 0 for never
 */
public record Optimization(
        int epochs,
        int teacherEpochs,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        Plateau plateau,
        int stopAfter) {

    /**
     * Lowers the learning rate when the watched loss stops falling, as PyTorch's ReduceLROnPlateau in mode min with a
     * relative threshold and no cooldown.
     *
     * @param factor what the rate is multiplied with, above 0, below 1
     * @param patience epochs without improvement that are tolerated
     * @param threshold relative improvement that counts
     * @param minimum the rate does not fall below this
     * @param after epochs of a phase whose losses it does not look at
     */
    public record Plateau(double factor, int patience, double threshold, double minimum, int after) {
        public Plateau {
            Settings.require(factor > 0 && factor < 1, "optimization.plateau.factor", "between 0 and 1", factor);
            Settings.require(patience >= 0, "optimization.plateau.patience", "a number of epochs", patience);
            Settings.require(
                    threshold >= 0 && threshold < 1,
                    "optimization.plateau.threshold",
                    "at least 0 and below 1",
                    threshold);
            Settings.require(minimum >= 0, "optimization.plateau.minimum", "at least 0", minimum);
            Settings.require(after >= 0, "optimization.plateau.after", "a number of epochs", after);
        }
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
        Settings.require(stopAfter >= 0, "optimization.stopAfter", "0 or a number of epochs", stopAfter);
    }
}
