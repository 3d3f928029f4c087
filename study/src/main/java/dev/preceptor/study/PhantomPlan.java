package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.phantom.PhantomRecipe;

/**
 * The cohort that a study makes for itself.
 *
 * @param subjects how many are learned from, 2 or more; 0 for no phantom
 * @param unseen how many more are kept apart to be scored
 * @param size voxels along x and y
 * @param seed of the cohort
 */
public record PhantomPlan(int subjects, int unseen, int size, long seed) {
    public PhantomPlan {
        if (subjects < 0 || subjects == 1 || unseen < 0 || (subjects == 0 && unseen > 0)) {
            throw new InvalidRecipeException(
                    "phantom: at least 2 subjects, or 0 for no phantom, and no unseen ones without" + " them; not "
                            + subjects + " and " + unseen);
        }
        if (subjects > 0) {
            PhantomRecipe.defaults().withSize(size).withSubjects(subjects + Math.max(unseen, 0));
        }
    }

    /** Whether there is one. */
    public boolean wanted() {
        return subjects > 0;
    }

    /** Those who are learned from. */
    PhantomRecipe recipe() {
        return PhantomRecipe.defaults().withSubjects(subjects).withSize(size).withSeed(seed);
    }
}
