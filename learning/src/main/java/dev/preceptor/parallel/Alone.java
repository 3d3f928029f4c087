package dev.preceptor.parallel;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** One process that is the whole group: nothing is exchanged. */
final class Alone implements Group {
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
    public List<double[]> gather(double[] mine) {
        return List.of(mine);
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
        return List.of(mine);
    }

    @Override
    public byte[] fromFirst(byte[] mine) {
        return mine;
    }

    @Override
    public void copyFromFirst(Collection<Tensor> tensors) {}

    @Override
    public Tensor whole(Tensor local) {
        return local;
    }

    @Override
    public GradientExchange exchange(Collection<Tensor> weights, long bucketBytes) {
        return new GradientExchange() {
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
