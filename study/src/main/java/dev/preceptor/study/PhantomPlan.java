package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.phantom.PhantomVariant;

/**
 * The phantom cohort of a study.
 *
 * @param subjects count of training subjects, 2 or more; 0 for no phantom
 * @param unseen count of further subjects that are only scored
 * @param size voxels along x and y
 * @param seed of the cohort
 * @param variant how different the subjects are
 */
public record PhantomPlan(int subjects, int unseen, int size, long seed, PhantomVariant variant) {
    public PhantomPlan {
        if (subjects < 0 || subjects == 1 || unseen < 0 || (subjects == 0 && unseen > 0)) {
            throw new InvalidRecipeException(
                    "phantom: subjects must be at least 2, or 0 for no phantom, and unseen 0 or more, and 0 without a phantom; not "
                            + subjects + " and " + unseen);
        }
        if (subjects > 0) {
            PhantomRecipe.defaults().withSize(size).withSubjects(subjects + Math.max(unseen, 0));
        }
    }

    /** Whether the study has a phantom cohort. */
    public boolean exists() {
        return subjects > 0;
    }

    /** The recipe of the training subjects. */
    PhantomRecipe recipe() {
        return PhantomRecipe.defaults()
                .withSubjects(subjects)
                .withSize(size)
                .withSeed(seed)
                .withVariant(variant);
    }
}
