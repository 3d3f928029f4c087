package dev.preceptor.parallel;

import org.bytedeco.pytorch.Tensor;

/**
 * Sums over the global batch, of which each rank may hold a shard. Losses that are not means over the samples need it, for
 * instance a Dice loss whose numerator and denominator are summed over the batch.
 */
@FunctionalInterface
public interface GlobalBatchSum {
    /** The sum of a single process, which holds the whole batch: the identity. */
    GlobalBatchSum LOCAL = local -> local;

    /**
     * All-reduce sum with gradient. The gradient with respect to {@code local} is scaled so that the mean over the ranks, which
     * {@link GradientReducer} takes, is the gradient of the loss of the global batch. A collective: every rank must call it, in
     * the same order.
     *
     * @param local sums over the shard of this rank
     * @return sums over the global batch, of the same shape
     */
    Tensor allReduceSum(Tensor local);

    /** Which shard of the global batch this process holds, from 0. */
    default int rank() {
        return 0;
    }
}
