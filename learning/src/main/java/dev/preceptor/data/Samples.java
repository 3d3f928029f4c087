package dev.preceptor.data;

import java.util.function.Supplier;

/** The samples of a training by index. An implementation is thread-safe, for several worker threads read it. */
@FunctionalInterface
public interface Samples {
    /**
     * A sample.
     *
     * @param i its index, from 0
     */
    Sample sample(int i);

    /**
     * Runs a task that reads samples, and runs it again where the file of a sample was damaged meanwhile.
     *
     * @param work takes its samples from this object; running it twice must give the same result as running it once
     */
    default <R> R reading(Supplier<R> work) {
        return work.get();
    }
}
