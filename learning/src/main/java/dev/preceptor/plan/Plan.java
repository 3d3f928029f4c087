package dev.preceptor.plan;

import dev.preceptor.volume.Size;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Patch, depth and batch of a training with the memory that they are expected to take.
 *
 * @param patch extents in voxels of the model grid
 * @param widths channels of each level, from the full resolution down
 * @param batch patches a step
 * @param estimate the peak of the training
 * @param memory what there is, in bytes
 */
public record Plan(Size patch, List<Integer> widths, int batch, MemoryEstimate estimate, long memory) {
    public Plan {
        widths = List.copyOf(widths);
    }

    /** Whether the training is expected to have room. */
    public boolean fits() {
        return estimate.total() <= memory;
    }

    /** On one line: what is trained, what it takes of what there is. */
    @Override
    public String toString() {
        return "patch " + patch + ", " + widths.size() + " levels of "
                + widths.stream().map(String::valueOf).collect(Collectors.joining(", ")) + " channels, batch " + batch
                + ": about " + estimate + " of " + MemoryEstimate.gib(memory);
    }
}
