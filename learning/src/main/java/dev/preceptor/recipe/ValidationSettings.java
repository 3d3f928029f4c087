package dev.preceptor.recipe;

import dev.preceptor.base.InvalidRecipeException;

/**
 * Validation during training: it drives the plateau schedule and early stopping, and selects the weights of the model. The
 * {@code validation} block of a recipe.
 *
 * @param on the subjects of the validation
 * @param fraction share of the training subjects that are set aside if {@code on} is INNER or no fold is held out, 0 to
 *     0.9; with 0 nothing is validated: the training loss drives the schedule, and the last weights become the model
 * @param select the epoch whose weights become the model
 * @param monitor what drives the plateau schedule and early stopping and selects the best epoch
 * @param foldSeed seed of the folds of {@code --fold}; separate from the seed of the run, so that runs with several seeds
 *     have the same folds
 * @param postProcessing whether the post-processing of the models is chosen on the validation subjects
 * @param reliability whether the models learn how far their predictions can be trusted
 */
public record ValidationSettings(
        On on,
        double fraction,
        Select select,
        Monitor monitor,
        long foldSeed,
        PostProcessingMode postProcessing,
        ReliabilityMode reliability) {
    /** The subjects of the validation. */
    public enum On {
        /** Part of the training subjects; the held-out fold is not read during training. */
        INNER,
        /** The held-out fold, as in KD-Net; if the best weights are selected on it, its scores are optimistically biased. */
        FOLD
    }

    /** The epoch whose weights become the model. */
    public enum Select {
        /** The best epoch by the monitored value. */
        BEST,
        /** The last epoch. */
        LAST
    }

    /** What drives the plateau schedule and early stopping and selects the best epoch. */
    public enum Monitor {
        /** The loss that is minimised, with all distillation terms. */
        TOTAL("loss"),
        /** The term of the labels, which methods have in common. */
        SUPERVISED("supervised loss"),
        /** One minus the Dice of the validation subjects, the mean over the regions. */
        DICE("Dice");

        private final String noun;

        Monitor(String noun) {
            this.noun = noun;
        }

        /** Its name in a sentence. */
        public String noun() {
            return noun;
        }
    }

    /** Whether the post-processing of the models is chosen. */
    public enum PostProcessingMode {
        /**
         * For each network by the Dice of the validation subjects, after its training. With {@link On#FOLD} and without
         * validation subjects nothing is chosen.
         */
        CHOOSE,
        /** The models have no post-processing. */
        NONE
    }

    /** Whether the models learn how far their predictions can be trusted. */
    public enum ReliabilityMode {
        /**
         * After its training each network gets guards of its inputs, fitted to the images of the training, and temperatures and a map
         * to the expected Dice, fitted on the validation subjects; not the latter with {@link On#FOLD}.
         */
        FIT,
        /** The models have neither. */
        NONE
    }

    /** Whether a post-processing is chosen: it is asked for, and subjects outside the held-out fold are set aside. */
    public boolean choosesPostProcessing() {
        return postProcessing == PostProcessingMode.CHOOSE && on == On.INNER && fraction > 0;
    }

    public ValidationSettings {
        if (!(fraction >= 0 && fraction <= 0.9)) {
            throw new InvalidRecipeException("validation.fraction must be a share from 0 to 0.9, not " + fraction);
        }
    }
}
