package dev.preceptor.parallel;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** One process that is the whole group: nothing is exchanged. */
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
    public List<double[]> allGather(double[] mine) {
        return List.of(mine);
    }

    @Override
    public List<byte[]> allGather(byte[] mine) {
        return List.of(mine);
    }

    @Override
    public byte[] broadcast(byte[] mine) {
        return mine;
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
    public void tellFailure(String line) {}

    @Override
    public void close() {}
}
