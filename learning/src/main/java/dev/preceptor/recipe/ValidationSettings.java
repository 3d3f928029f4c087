package dev.preceptor.recipe;

import dev.preceptor.base.InvalidRecipeException;

/**
 * What drives the schedule and selects the weights; the {@code validation} block of a recipe.
 *
 * @param on which subjects
 * @param fraction the share of the training subjects set aside where {@code on} is INNER (or no fold is held out), 0 to
 *     0.9; 0 for no validation: then the training loss drives the schedule and the last weights are taken
 * @param select which weights become the model
 * @param foldSeed draws the folds of {@code --fold}; apart from the seed of the run, so that seeds can be compared
 */
public record ValidationSettings(On on, double fraction, Select select, long foldSeed) {
    /** Subjects to validate on. */
    public enum On {
        /** Part of the training subjects; the held-out fold is never looked at. */
        INNER,
        /** The held-out fold, as KD-Net does; its scores are then no fair estimate if the best weights are selected. */
        FOLD
    }

    /** Weights to keep. */
    public enum Select {
        /** Those of the epoch with the lowest validation loss. */
        BEST,
        /** Those of the last epoch. */
        LAST
    }

    public ValidationSettings {
        if (!(fraction >= 0 && fraction <= 0.9)) {
            throw new InvalidRecipeException("validation.fraction must be a share from 0 to 0.9, not " + fraction);
        }
    }
}
