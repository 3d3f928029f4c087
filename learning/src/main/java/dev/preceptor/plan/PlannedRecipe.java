package dev.preceptor.plan;

import com.sun.management.OperatingSystemMXBean;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingJob;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/**
 * A recipe in which everything is decided.
 *
 * @param recipe with the plan written into it
 * @param plan what was decided, or what the recipe had decided, with its memory; none for a run that goes on
 */
public record PlannedRecipe(Recipe recipe, Optional<Plan> plan) {
    private static final double GIB = 1L << 30;
    /** Of the machine's memory; the rest is for the system and for what the estimate misses. */
    private static final double SHARE = 0.9;

    /**
     * Decides what a recipe leaves open. A run that has begun keeps the plan that stands in its folder, whatever memory there
     * is now.
     *
     * @throws dev.preceptor.base.PreceptorException in numbers if the training does not fit: into the recipe's memory, or with
     *     {@code plan: AUTO} into the machine's
     */
    public static PlannedRecipe of(TrainingJob job, CohortSummary summary, List<TrainedTeacher> trained) {
        Recipe recipe = job.recipe();
        boolean isOurs = recipe.plan() == Planning.AUTO;
        Optional<Recipe> begun = resumed(job);
        if (begun.isPresent()) {
            return new PlannedRecipe(begun.get(), Optional.empty());
        }
        if (!isOurs && recipe.memory() == 0) {
            return new PlannedRecipe(recipe, Optional.empty());
        }
        Planner planner = planner(job, summary, trained);
        if (!isOurs) {
            return new PlannedRecipe(recipe, Optional.of(planner.check(recipe)));
        }
        Plan plan = planner.plan(recipe);
        return new PlannedRecipe(recipe.planned(plan.patch(), plan.widths(), plan.batch()), Optional.of(plan));
    }

    /** The recipe of a run that is resumed, with the plan that stands in its folder. */
    public static Optional<Recipe> resumed(TrainingJob job) {
        RunFolder folder = new RunFolder(job.run());
        if (!job.resume() || !folder.isBegun()) {
            return Optional.empty();
        }
        return Optional.of(job.recipe().plan() == Planning.AUTO ? asBegun(job.recipe(), folder) : job.recipe());
    }

    private static Recipe asBegun(Recipe recipe, RunFolder folder) {
        Recipe begun = Recipe.read(folder.recipe());
        return recipe.planned(
                begun.sampling().patchSize(), begun.widths(), begun.sampling().batch());
    }

    private static Planner planner(TrainingJob job, CohortSummary summary, List<TrainedTeacher> trained) {
        boolean onCpu = job.device().equals("cpu");
        CohortShape shape = CohortShape.of(summary.fingerprint(), job.recipe().preprocessing());
        StepMemory.Heap heap = new StepMemory.Heap(Runtime.getRuntime().maxMemory(), shape.largest());
        return new Planner(shape, recipe -> StepMemory.of(recipe, trained, heap, onCpu), memory(job, onCpu));
    }

    private static long memory(TrainingJob job, boolean onCpu) {
        double given = job.recipe().memory();
        if (given > 0) {
            return (long) (given * GIB);
        }
        if (onCpu && ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            // In a container the limit of its group.
            return (long) (SHARE * system.getTotalMemorySize());
        }
        throw new InvalidRecipeException("memory must be given in GiB for plan: AUTO on " + job.device()
                + ", as memory=24: libtorch does not tell it");
    }
}
