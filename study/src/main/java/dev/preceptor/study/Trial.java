package dev.preceptor.study;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import java.util.Optional;

/**
 * One training of a study: an arm on a fold with a seed. Folders and files call it a cell, see {@link StudyFolder}.
 *
 * @param arm name of the arm
 * @param fold the fold that is held out, if any
 * @param seed of the training
 * @param recipe of the arm with all settings resolved
 * @param owner the trial of another arm, with the same fold and seed, whose teachers this one uses; empty for none
 */
record Trial(String arm, Optional<FoldChoice> fold, long seed, Recipe recipe, Optional<Trial> owner) {
    /** {@code ARM-foldK-seedS}, or {@code ARM-seedS} without folds: the name of the trial and of its folder. */
    String name() {
        return arm + fold.map(choice -> "-fold" + choice.fold()).orElse("") + "-seed" + seed;
    }

    /** Hash of the recipe that trains the teachers, if another trial does; else empty. */
    String teachersRecipe() {
        return owner.map(trial -> trial.recipe().hash()).orElse("");
    }
}
