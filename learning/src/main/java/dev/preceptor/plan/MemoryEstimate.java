package dev.preceptor.plan;

import java.util.Locale;

/**
 * The memory that a training is expected to take at its peak, in bytes. On a GPU it is that of the device, where the heap of
 * Java has no part.
 *
 * @param process of code and libraries before anything is trained
 * @param heap of Java objects: prepared subjects, batches on their way, copies of weights
 * @param weights with gradients, moments and averages
 * @param forwards what they hold until their way back
 * @param back what the way back takes besides: gradients, losses, the work of single operations
 */
public record MemoryEstimate(long process, long heap, long weights, long forwards, long back) {
    private static final double GIB = 1L << 30;

    /** All of it. */
    public long total() {
        return process + heap + weights + forwards + back;
    }

    /** {@code 11.3 GiB (process 0.3, Java 1.0, weights 0.4, forwards 8.2, way back 1.4)}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s (process %.2f, Java %.2f, weights %.2f, forwards %.2f, way back %.2f)",
                gib(total()),
                process / GIB,
                heap / GIB,
                weights / GIB,
                forwards / GIB,
                back / GIB);
    }

    /** Bytes for people. */
    static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / GIB);
    }
}
