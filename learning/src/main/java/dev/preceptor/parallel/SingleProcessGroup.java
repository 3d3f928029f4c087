package dev.preceptor.parallel;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** A group of a single process: every collective is the identity. */
final class SingleProcessGroup implements ProcessGroup {
    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int size() {
        return 1;
    }

    @Override
    public int localSize() {
        return 1;
    }

    @Override
    public int localRank() {
        return 0;
    }

    @Override
    public List<double[]> allGather(double[] local) {
        return List.of(local);
    }

    @Override
    public List<byte[]> allGather(byte[] local) {
        return List.of(local);
    }

    @Override
    public byte[] broadcast(byte[] local) {
        return local;
    }

    @Override
    public void broadcast(Collection<Tensor> tensors) {}

    @Override
    public Tensor allReduceSum(Tensor local) {
        return local;
    }

    @Override
    public GradientReducer reducer(Collection<Tensor> weights, long bucketBytes) {
        return new GradientReducer() {
            @Override
            public void during(Consumer<Runnable> backward) {
                backward.accept(() -> {});
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void reportFailure(String line) {}

    @Override
    public void close() {}
}
