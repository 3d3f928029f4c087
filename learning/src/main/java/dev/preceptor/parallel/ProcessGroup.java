package dev.preceptor.parallel;

import java.util.Collection;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The processes of a training and their collectives. Every rank must call the same collectives in the same order. Not
 * thread-safe.
 */
interface ProcessGroup extends AutoCloseable {
    /** The rank of this process, from 0. */
    int rank();

    /** The world size. */
    int size();

    /** The number of processes on this machine, this one included. */
    int localSize();

    /** The rank of this process among those on this machine, from 0. */
    int localRank();

    /** All-gather of arrays of equal length, in rank order. */
    List<double[]> allGather(double[] local);

    /** All-gather of arrays of any length, in rank order. */
    List<byte[]> allGather(byte[] local);

    /** Broadcast from rank 0; the argument is ignored on other ranks. */
    byte[] broadcast(byte[] local);

    /** Broadcasts tensors from rank 0, in place. */
    void broadcast(Collection<Tensor> tensors);

    /** As {@link GlobalBatchSum#allReduceSum}. */
    Tensor allReduceSum(Tensor local);

    /**
     * A reducer for the gradients of weights; the caller closes it.
     *
     * @param bucketBytes size at which a bucket is full
     */
    GradientReducer reducer(Collection<Tensor> weights, long bucketBytes);

    /** Reports to the other ranks why this one fails. */
    void reportFailure(String line);

    /** Leaves the group; after an undisturbed training, a barrier. */
    @Override
    void close();
}
