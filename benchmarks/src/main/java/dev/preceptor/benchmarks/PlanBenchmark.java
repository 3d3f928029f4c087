package dev.preceptor.benchmarks;

import dev.preceptor.plan.MemoryEstimate;
import dev.preceptor.plan.StepMemory;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.List;

/**
 * The memory that {@link StepBenchmark} is expected to take with the same arguments: recipe, edge of the patch, batch, then
 * overrides of the recipe. Prints it in MiB, then by its parts. The benchmark has no cohort, so Java's heap is not in it.
 */
public final class PlanBenchmark {
    private PlanBenchmark() {}

    public static void main(String[] args) {
        Torch.open();
        Torch.useThreads(1);
        Recipe recipe = Recipe.load(args[0], Arrays.asList(args).subList(3, args.length));
        StepMemory memory =
                StepMemory.of(recipe, List.of(), StepMemory.Heap.NONE, true).ofLastPhase();
        MemoryEstimate estimate = memory.estimate(Size.cube(Integer.parseInt(args[1])), Integer.parseInt(args[2]));
        System.out.println((estimate.total() >> 20) + " MiB: " + estimate);
    }
}
