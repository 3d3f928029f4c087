package dev.preceptor.plan;

import dev.preceptor.volume.Size;

/** Foretells the memory of a training by the size of its batches. */
@FunctionalInterface
interface MemoryModel {
    /** The peak with batches of so many patches of this size. */
    MemoryEstimate estimate(Size patch, int batch);
}
