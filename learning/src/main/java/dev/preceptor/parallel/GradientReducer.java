package dev.preceptor.parallel;

import java.util.function.Consumer;

/** Makes the gradients of one group of weights those of the whole batch. For one thread. */
public interface GradientReducer extends AutoCloseable {
    /**
     * Runs what back-propagates into the weights, in one pass or several. When it returns, the gradient of each weight is the
     * mean over all processes; a weight that was not reached has none.
     *
     * @param backward tells whenever gradients have been added to, so that they can go on their way while it goes on
     */
    void during(Consumer<Runnable> backward);

    @Override
    void close();
}
