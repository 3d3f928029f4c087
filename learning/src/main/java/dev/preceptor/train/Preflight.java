package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Role;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.plan.Planner;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;

/**
 * Refuses what can be refused without a cohort: settings that a method or a network cannot have, teachers that are missing or do
 * not fit, a folder in which the run cannot be. Reading a cohort takes minutes, this takes seconds.
 */
final class Preflight {
    private Preflight() {}

    /**
     * Builds the networks of a recipe once, and closes them.
     *
     * @param teachers the recipe's
     * @param sums over the batch of all processes
     * @param processes how many share a batch
     * @throws dev.preceptor.base.PreceptorException in one line that names the setting
     */
    static void check(Recipe recipe, TeacherModels teachers, GlobalBatchSum sums, int processes) {
        boolean isPlanned = recipe.plan() == Planning.AUTO;
        Recipe built = isPlanned ? Planner.deepest(recipe) : recipe;
        try (Method method = built.build(teachers.teachers(), Torch.device("cpu"), sums)) {
            if (!isPlanned) {
                requireFittingPatch(recipe, method);
                requireShares(recipe, processes);
            }
        }
    }

    /**
     * Checks the folder of a run.
     *
     * @throws dev.preceptor.base.PreceptorException if there is something else in it, or a run of another recipe
     */
    static void checkFolder(TrainingJob job) {
        RunFolder folder = new RunFolder(job.run());
        folder.requireClaimable(job.resume());
        PlannedRecipe.resumed(job).ifPresent(folder::requireResumable);
    }

    /** Refuses a patch that a network cannot halve as often as it must. */
    static void requireFittingPatch(Recipe recipe, Method method) {
        for (Role role : method.roles()) {
            int divisor = role.network().totalStride();
            if (recipe.sampling().patch().stream().anyMatch(extent -> extent % divisor != 0)) {
                throw new InvalidRecipeException("sampling.patch must be multiples of " + divisor + " for this network,"
                        + " not " + recipe.sampling().patch());
            }
        }
    }

    /** Refuses a batch that so many processes cannot share evenly. */
    static void requireShares(Recipe recipe, int processes) {
        if (recipe.sampling().batch() % processes != 0) {
            throw new InvalidRecipeException(
                    "sampling.batch is " + recipe.sampling().batch() + ", which " + processes
                            + " processes cannot share evenly; it is the batch of all together: make it a multiple of "
                            + processes);
        }
    }
}
