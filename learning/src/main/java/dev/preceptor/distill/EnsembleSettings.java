package dev.preceptor.distill;

import dev.preceptor.base.Settings;

/**
 * How many networks take the place of each teacher that is trained before the student; the {@code teacherEnsemble} block of a recipe.
 *
 * @param size number of networks, 1 to 20; they differ in their initial weights and patches
 * @param outOfFold whether each of them leaves out a part of the training subjects, so that every training subject is taught by the
 *     one network that was not trained on it, and every other subject by the mean of all
 */
public record EnsembleSettings(int size, boolean outOfFold) {
    /** One network, trained on all subjects. */
    public static final EnsembleSettings SINGLE = new EnsembleSettings(1, false);

    private static final int MAX_SIZE = 20;

    public EnsembleSettings {
        Settings.require(size >= 1 && size <= MAX_SIZE, "teacherEnsemble.size", "a number from 1 to 20", size);
        Settings.require(
                size > 1 || !outOfFold,
                "teacherEnsemble.outOfFold",
                "false for a single teacher, which would be trained on nothing; set teacherEnsemble.size",
                outOfFold);
    }
}
