package dev.preceptor.parallel;

import org.bytedeco.pytorch.Tensor;

/**
 * Sums over a batch of which each process may hold a share, for losses that are no means over the samples: a Dice whose sums
 * run over the batch, for instance.
 */
@FunctionalInterface
public interface GlobalBatchSum {
    /** The whole batch is here. */
    GlobalBatchSum LOCAL = local -> local;

    /**
     * The sums over the whole batch, of the same shape and with the gradient towards the share of this process, such that the
     * mean of the gradients over the processes is the gradient of the whole. Every process must ask, in the same order.
     *
     * @param local the sums over the share of this process
     */
    Tensor allReduceSum(Tensor local);
}
