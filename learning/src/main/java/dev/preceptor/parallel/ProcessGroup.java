package dev.preceptor.parallel;

import java.util.Collection;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The processes of a training and the few things that they do together. Every process must do the same things in the same
 * order. For one thread.
 */
interface ProcessGroup extends AutoCloseable {
    int rank();

    int size();

    /** How many of the processes run on this machine, this one included. */
    int localSize();

    /** The number of this one among those of this machine. */
    int localRank();

    /** What each process gives, by rank; all give as many. */
    List<double[]> allGather(double[] mine);

    /** What each process gives, by rank. */
    List<byte[]> allGather(byte[] mine);

    /** What rank 0 gives; what the others give is not looked at. */
    byte[] broadcast(byte[] mine);

    /** Overwrites tensors with those of rank 0. */
    void broadcast(Collection<Tensor> tensors);

    /** As {@link GlobalBatchSum#allReduceSum}. */
    Tensor allReduceSum(Tensor local);

    /**
     * An exchange of the gradients of weights, which the caller closes.
     *
     * @param bucketBytes a bucket is full when it holds so many
     */
    GradientReducer reducer(Collection<Tensor> weights, long bucketBytes);

    /** Tells the others why this process ends before its time. */
    void tellFailure(String line);

    /** Leaves the group. */
    @Override
    void close();
}
