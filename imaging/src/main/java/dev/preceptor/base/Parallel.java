package dev.preceptor.base;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Runs the same work over many items on a bounded number of threads that end with the call. Stateless, thread-safe. */
public final class Parallel {
    private Parallel() {}

    /**
     * The results in the order of the items. The first failure, in that order, is thrown as it is, after running work has
     * ended; work not yet begun is dropped.
     *
     * @param threads how many items are worked on at once, at least 1
     */
    public static <T, R> List<R> map(List<T> items, int threads, Function<? super T, ? extends R> work) {
        if (threads == 1 || items.size() < 2) {
            List<R> results = new ArrayList<>();
            items.forEach(item -> results.add(work.apply(item)));
            return results;
        }
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, items.size()), task -> {
            Thread thread = new Thread(task, "preceptor-worker");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<R>> pending = new ArrayList<>();
            items.forEach(item -> pending.add(pool.submit(() -> work.apply(item))));
            List<R> results = new ArrayList<>();
            for (Future<R> future : pending) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted", e);
        } finally {
            pool.shutdownNow();
        }
    }
}
