package dev.preceptor.study;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import java.util.Optional;

/**
 * One training of a study.
 *
 * @param arm name of the arm
 * @param fold which fold is held out, if any
 * @param seed of the training
 * @param recipe the arm's, resolved
 */
record Trial(String arm, Optional<FoldChoice> fold, long seed, Recipe recipe) {
    /** {@code ARM-foldK-seedS}, or {@code ARM-seedS} without folds: its folder, and its name everywhere. */
    String name() {
        return arm + fold.map(choice -> "-fold" + choice.fold()).orElse("") + "-seed" + seed;
    }
}
