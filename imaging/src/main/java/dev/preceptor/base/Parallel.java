package dev.preceptor.base;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Applies a function to many items on a bounded number of daemon threads, which end with the call. Stateless,
 * thread-safe.
 */
public final class Parallel {
    private Parallel() {}

    /**
     * The results in the order of the items. If calls fail, running calls are completed, pending ones are dropped, and
     * the failure of the earliest item is thrown unchanged. No call is running when this returns or throws.
     *
     * @param items the arguments
     * @param threads the largest number of concurrent calls, at least 1; with 1, everything runs on the calling thread
     * @param work called once per item
     * @throws PreceptorException if the calling thread is interrupted, and with it the running calls
     */
    public static <T, R> List<R> map(List<T> items, int threads, Function<? super T, ? extends R> work) {
        if (threads == 1 || items.size() < 2) {
            List<R> results = new ArrayList<>();
            items.forEach(item -> results.add(work.apply(item)));
            return results;
        }
        ExecutorService pool =
                Executors.newFixedThreadPool(Math.min(threads, items.size()), DaemonThreads.named("preceptor-worker"));
        List<Future<R>> pending = new ArrayList<>();
        try {
            items.forEach(item -> pending.add(pool.submit(() -> work.apply(item))));
            List<R> results = new ArrayList<>();
            pending.forEach(future -> results.add(result(future)));
            return results;
        } finally {
            pending.forEach(call -> call.cancel(false));
            end(pool);
        }
    }

    /** Waits until the running calls have ended: a caller may remove what they write. Passes on an interrupt of the calling thread. */
    private static void end(ExecutorService pool) {
        pool.shutdown();
        boolean isInterrupted = Thread.interrupted();
        boolean hasEnded = false;
        while (!hasEnded) {
            if (isInterrupted) {
                pool.shutdownNow();
            }
            try {
                hasEnded = pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for a task, and throws what it threw.
     *
     * @throws PreceptorException if the calling thread is interrupted
     */
    public static <T> T result(Future<T> task) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw cause(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted", e);
        }
    }

    /**
     * Waits until a task has ended, even if the calling thread is interrupted, which it then still is.
     *
     * @return its result; empty if it failed
     */
    public static <T> Optional<T> finished(Future<T> task) {
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return Optional.ofNullable(task.get());
                } catch (InterruptedException e) {
                    isInterrupted = true;
                } catch (ExecutionException e) {
                    return Optional.empty();
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * What a task threw, for its caller to throw again.
     *
     * @throws Error if it was an error
     */
    private static RuntimeException cause(ExecutionException failure) {
        if (failure.getCause() instanceof Error error) {
            throw error;
        }
        return failure.getCause() instanceof RuntimeException cause
                ? cause
                : new IllegalStateException(failure.getCause());
    }
}
