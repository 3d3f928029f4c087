package dev.preceptor.plan;

import dev.preceptor.volume.Size;

/** Estimates the peak memory of a training from the size of its batches. */
@FunctionalInterface
interface MemoryModel {
    /**
     * The estimated peak.
     *
     * @param patch extents of a patch in voxels
     * @param batch number of patches of a batch
     */
    MemoryEstimate estimate(Size patch, int batch);

    /** The largest total stride of the networks, of which the extents of a patch are multiples; 1 if unknown. */
    default int totalStride() {
        return 1;
    }
}
