package dev.preceptor.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Makes the next batches of an epoch on another thread while the present one is trained on. For one thread. */
public final class Prefetch implements AutoCloseable {
    private static final int AHEAD = 2;

    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "prefetch");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<Future<Patch>> pending = new ArrayDeque<>();
    private final IntFunction<Patch> source;
    private final int end;
    private int next;

    /**
     * @param source makes the batch of a step
     * @param begin the first step
     * @param end one past the last step
     */
    public Prefetch(IntFunction<Patch> source, int begin, int end) {
        this.source = source;
        this.next = begin;
        this.end = end;
        refill();
    }

    /** The batch of the next step, waiting until it is made. */
    public Patch take() {
        try {
            Patch patch = pending.remove().get();
            refill();
            return patch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for data", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void refill() {
        while (next < end && pending.size() < AHEAD) {
            int step = next++;
            pending.add(worker.submit(() -> source.apply(step)));
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
