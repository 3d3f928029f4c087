package dev.preceptor.parallel;

import java.util.function.Consumer;

/** Averages the gradients of one parameter group over all ranks. Not thread-safe. */
public interface GradientReducer extends AutoCloseable {
    /**
     * Runs one or more backward passes and reduces the gradients. When it returns, the gradient of each weight is the mean over
     * all ranks; a weight that no backward pass reached has none.
     *
     * @param backward runs the backward passes; it calls its argument whenever gradients were accumulated, so that complete
     *     buckets are reduced while the backward pass continues
     */
    void during(Consumer<Runnable> backward);

    @Override
    void close();
}
