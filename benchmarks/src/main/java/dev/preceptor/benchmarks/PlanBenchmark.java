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
 * Prints the planned memory of {@link StepBenchmark} in bytes, without the Java heap and without the cached outputs of frozen teachers for
 * batches that come again, of which that benchmark has none, and then a line for each memory peak of a step:
 * what is counted, the largest tensor, and the logits, which have measured factors. Arguments: recipe, edge of the patch, batch, then
 * overrides of the recipe.
 */
public final class PlanBenchmark {
    private PlanBenchmark() {}

    public static void main(String[] args) {
        Torch.open();
        Torch.useThreads(1);
        Recipe recipe = Recipe.load(args[0], Arrays.asList(args).subList(3, args.length));
        StepMemory memory = StepMemory.of(recipe, LabelSpace.BRATS_2018, List.of(), StepMemory.Heap.NONE, true)
                .ofLastPhase();
        Size patch = Size.cube(Integer.parseInt(args[1]));
        int batch = Integer.parseInt(args[2]);
        MemoryEstimate estimate = memory.estimate(patch, batch);
        System.out.println(estimate.total() - estimate.teacherCache());
        for (StepMemory.PeakParts parts : memory.parts(patch, batch)) {
            System.out.println(parts.counted() + " " + parts.largest() + " " + parts.logits());
        }
    }
}
