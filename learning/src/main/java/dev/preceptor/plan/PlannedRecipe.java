package dev.preceptor.plan;

import com.sun.management.OperatingSystemMXBean;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.Fingerprint;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.recipe.Planning;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.volume.LabelSpace;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/**
 * A recipe with a fixed patch size, batch size and network.
 *
 * @param recipe the recipe with the values of the plan
 * @param plan the plan with its estimated memory; empty for a resumed run, and where neither {@code plan: AUTO} nor
 *     {@code memory} asks for an estimate
 */
public record PlannedRecipe(Recipe recipe, Optional<Plan> plan) {
    private static final double GIB = 1L << 30;
    /** The usable share of the physical memory; the rest is for the system and for errors of the estimate. */
    private static final double USABLE = 0.9;

    /**
     * Plans a training. A resumed run keeps the plan of its folder, even if another amount of memory is available now.
     *
     * @param labels the regions and classes that the networks segment
     * @param fingerprint the statistics of the subjects that are used
     * @param trained trained teachers; empty if the teachers are trained
     * @param processes number of processes that share each batch; the memory is that of each
     * @throws dev.preceptor.base.PreceptorException if the training does not fit into the memory of the recipe or, with
     *     {@code plan: AUTO}, into the memory of the machine; the message gives the estimate
     */
    public static PlannedRecipe of(
            TrainingJob job, LabelSpace labels, Fingerprint fingerprint, List<TrainedTeacher> trained, int processes) {
        Recipe recipe = job.recipe();
        boolean isAuto = recipe.plan() == Planning.AUTO;
        Optional<Recipe> begun = resumed(job);
        if (begun.isPresent()) {
            return new PlannedRecipe(begun.get(), Optional.empty());
        }
        if (!isAuto && recipe.memory() == 0) {
            return new PlannedRecipe(recipe, Optional.empty());
        }
        Planner planner = planner(job, labels, fingerprint, trained, processes);
        if (!isAuto) {
            return new PlannedRecipe(recipe, Optional.of(planner.check(recipe)));
        }
        Plan plan = planner.plan(recipe);
        return new PlannedRecipe(recipe.planned(plan.patch(), plan.widths(), plan.batch()), Optional.of(plan));
    }

    /**
     * A planned recipe with an estimate of its memory in any case, except on a GPU whose memory the recipe does not give. What the recipe
     * gives as written may exceed the memory of the machine. For a training in one process.
     *
     * @param planned the result of {@link #of}
     * @param labels the regions and classes that the networks segment
     * @param fingerprint the statistics of the subjects that are used
     * @param trained trained teachers; empty if the teachers are trained
     */
    public static PlannedRecipe estimated(
            PlannedRecipe planned,
            TrainingJob job,
            LabelSpace labels,
            Fingerprint fingerprint,
            List<TrainedTeacher> trained) {
        boolean isUnknown = !job.device().equals("cpu") && job.recipe().memory() == 0;
        if (planned.plan.isPresent() || isUnknown) {
            return planned;
        }
        Planner planner = planner(job, labels, fingerprint, trained, 1);
        return new PlannedRecipe(planned.recipe, Optional.of(planner.asWritten(planned.recipe)));
    }

    /** The recipe of a resumed run with the plan of its folder; empty if the job starts a new run. */
    public static Optional<Recipe> resumed(TrainingJob job) {
        RunFolder folder = new RunFolder(job.run());
        if (!job.resume() || !folder.isBegun()) {
            return Optional.empty();
        }
        return Optional.of(job.recipe().plan() == Planning.AUTO ? withPlanOf(job.recipe(), folder) : job.recipe());
    }

    private static Recipe withPlanOf(Recipe recipe, RunFolder folder) {
        Recipe begun = Recipe.read(folder.recipe());
        return recipe.planned(
                begun.sampling().patchSize(), begun.widths(), begun.sampling().batch());
    }

    private static Planner planner(
            TrainingJob job, LabelSpace labels, Fingerprint fingerprint, List<TrainedTeacher> trained, int processes) {
        boolean onCpu = job.device().equals("cpu");
        CohortShape shape = CohortShape.of(fingerprint, job.recipe().preprocessing());
        StepMemory.Heap heap = new StepMemory.Heap(Runtime.getRuntime().maxMemory(), shape.largest());
        return new Planner(
                shape, recipe -> StepMemory.of(recipe, labels, trained, heap, onCpu), memory(job, onCpu), processes);
    }

    private static long memory(TrainingJob job, boolean onCpu) {
        double gib = job.recipe().memory();
        if (gib > 0) {
            return (long) (gib * GIB);
        }
        if (onCpu && ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            // In a container this is the limit of its control group.
            return (long) (USABLE * system.getTotalMemorySize());
        }
        throw new InvalidRecipeException("memory must be given in GiB for plan: AUTO on " + job.device()
                + ", as memory=24: libtorch does not report the memory of the device");
    }
}
