package dev.preceptor.benchmarks;

import dev.preceptor.plan.MemoryEstimate;
import dev.preceptor.plan.StepMemory;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.List;

/**
 * Prints the planned memory of {@link StepBenchmark} in MiB, in total and by parts, without the Java heap. Arguments: recipe,
 * edge of the patch, batch, then overrides of the recipe.
 */
public final class PlanBenchmark {
    private PlanBenchmark() {}

    public static void main(String[] args) {
        Torch.open();
        Torch.useThreads(1);
        Recipe recipe = Recipe.load(args[0], Arrays.asList(args).subList(3, args.length));
        StepMemory memory = StepMemory.of(recipe, LabelSpace.BRATS_2018, List.of(), StepMemory.Heap.NONE, true)
                .ofLastPhase();
        MemoryEstimate estimate = memory.estimate(Size.cube(Integer.parseInt(args[1])), Integer.parseInt(args[2]));
        System.out.println((estimate.total() >> 20) + " MiB: " + estimate);
    }
}
