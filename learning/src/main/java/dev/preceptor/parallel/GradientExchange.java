package dev.preceptor.parallel;

/** Makes the gradients of one group of weights those of the whole batch. For one thread. */
public interface GradientExchange extends AutoCloseable {
    /**
     * Runs what back-propagates into the weights, in one pass or several. When it returns, the gradient of each weight is the
     * mean over all processes; a weight that was not reached has none.
     */
    void during(Runnable backward);

    @Override
    void close();
}
