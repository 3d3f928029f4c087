package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.optim.UpdateRule;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.plan.Planner;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.TrainingNeeds;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;

/**
 * The checks of a training that need no cohort: settings that the method or the network does not support, teachers that are
 * missing or do not fit, and the folder of the run. They take seconds; reading a cohort takes minutes.
 */
final class Preflight {
    private Preflight() {}

    /**
     * Builds the networks of a recipe and closes them.
     *
     * @param labels the regions and classes that the networks segment
     * @param teachers teachers of the recipe
     * @param sums sums over the batch of all processes
     * @param processes number of processes that share a batch
     * @return what the recipe needs of the subjects
     * @throws dev.preceptor.base.PreceptorException in one line that names the setting
     */
    static TrainingNeeds check(
            Recipe recipe, LabelSpace labels, TeacherModels teachers, GlobalBatchSum sums, int processes) {
        boolean isPlanned = recipe.plan() == Planning.AUTO;
        Recipe built = isPlanned ? Planner.deepest(recipe) : recipe;
        try (Method method = built.build(labels, teachers.teachers(), Torch.device("cpu"), sums)) {
            StudentStart.of(built, method);
            requireUpdateRules(built, method);
            if (!isPlanned) {
                requireFittingPatch(recipe, method);
                requireEvenShares(recipe, processes);
            }
            return TrainingNeeds.of(recipe, method);
        }
    }

    /** Refuses an optimizer that does not suit a parameter group of any phase. */
    private static void requireUpdateRules(Recipe recipe, Method method) {
        for (Phase phase : method.phases()) {
            phase.parameterGroups().values().forEach(group -> UpdateRule.of(recipe.optimization(), group));
        }
    }

    /**
     * Checks the folder of a run.
     *
     * @throws dev.preceptor.base.PreceptorException if the folder has other content, or a run of another recipe
     */
    static void checkFolder(TrainingJob job) {
        RunFolder folder = new RunFolder(job.run());
        folder.requireClaimable(job.resume());
        PlannedRecipe.resumed(job).ifPresent(folder::requireResumable);
    }

    /** Refuses a patch whose extents are no multiples of a network's total stride. */
    static void requireFittingPatch(Recipe recipe, Method method) {
        for (Role role : method.roles()) {
            int stride = role.network().totalStride();
            if (recipe.sampling().patch().stream().anyMatch(extent -> extent % stride != 0)) {
                throw new InvalidRecipeException("sampling.patch must be multiples of " + stride + " for the network of"
                        + " the " + role.name() + ", not " + recipe.sampling().patch());
            }
        }
    }

    /** Refuses a batch that the processes cannot share evenly. */
    static void requireEvenShares(Recipe recipe, int processes) {
        // Batches of unlabelled patches alone are as large as the labelled ones.
        int unlabelled = recipe.sampling().unlabelledIn(0);
        if (unlabelled % processes != 0) {
            throw new InvalidRecipeException("sampling.unlabelled.share makes " + unlabelled
                    + " patches of a batch, which " + processes + " processes cannot share evenly");
        }
        if (recipe.sampling().batch() % processes != 0) {
            throw new InvalidRecipeException(
                    "sampling.batch is " + recipe.sampling().batch() + ", which " + processes
                            + " processes cannot share evenly; it is the batch of all together: make it a multiple of "
                            + processes);
        }
    }
}
