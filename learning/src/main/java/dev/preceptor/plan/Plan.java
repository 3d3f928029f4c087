package dev.preceptor.plan;

import dev.preceptor.volume.Size;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Patch size, widths of the network and batch size of a training, with the estimated memory.
 *
 * @param patch extents of a patch in voxels of the model grid
 * @param widths channels of each level, from the full resolution down
 * @param batch patches of a batch
 * @param estimate estimated peak memory
 * @param memory available memory in bytes
 */
public record Plan(Size patch, List<Integer> widths, int batch, MemoryEstimate estimate, long memory) {
    public Plan {
        widths = List.copyOf(widths);
    }

    /** Whether the estimated peak is within the available memory. */
    public boolean fits() {
        return estimate.total() <= memory;
    }

    /** The plan on one line, with the estimated and the available memory. */
    @Override
    public String toString() {
        return "patch " + patch + ", " + widths.size() + " levels of "
                + widths.stream().map(String::valueOf).collect(Collectors.joining(", ")) + " channels, batch " + batch
                + ": about " + estimate + " of " + MemoryEstimate.gib(memory);
    }
}
