package dev.preceptor.data;

import java.util.function.Supplier;

/** The samples of a training by number. Thread-safe if several threads draw from it. */
@FunctionalInterface
public interface Samples {
    /**
     * A sample.
     *
     * @param i its number, from 0
     */
    Sample sample(int i);

    /**
     * Does work that reads samples. Where the file of one is damaged during the work, the work is repeated.
     *
     * @param work asks for its samples itself and changes nothing that a repetition does not change alike
     */
    default <R> R reading(Supplier<R> work) {
        return work.get();
    }
}
