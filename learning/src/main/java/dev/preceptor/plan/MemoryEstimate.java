package dev.preceptor.plan;

import java.util.Locale;

/**
 * The estimated peak memory of a training, in bytes: on a GPU the memory of the device, on the CPU the memory of the process
 * including the Java heap.
 *
 * @param process code and libraries before training
 * @param heap Java objects: preprocessed subjects, batches, copies of weights; 0 on a GPU
 * @param weights weights with their gradients, optimizer moments and moving average
 * @param forward tensors that the forward passes hold until their backward passes
 * @param backward further tensors of the backward pass: gradients, losses, work space of the operations
 * @param teacherCache outputs of frozen teachers that are cached for batches that come again
 */
public record MemoryEstimate(long process, long heap, long weights, long forward, long backward, long teacherCache) {
    private static final double GIB = 1L << 30;

    /** The sum of all parts. */
    public long total() {
        return process + heap + weights + forward + backward + teacherCache;
    }

    /** {@code 11.30 GiB (process 0.30, Java 1.00, weights 0.40, forward 8.20, backward 1.40)}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s (process %.2f, Java %.2f, weights %.2f, forward %.2f, backward %.2f%s)",
                gib(total()),
                process / GIB,
                heap / GIB,
                weights / GIB,
                forward / GIB,
                backward / GIB,
                teacherCache == 0 ? "" : String.format(Locale.ROOT, ", teacher outputs %.2f", teacherCache / GIB));
    }

    /** Bytes as text in GiB with two decimals. */
    static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / GIB);
    }
}
