package dev.preceptor.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Makes the next batches of an epoch on other threads while the present one is trained on, in their order. Two batches more
 * than there are threads are in memory at most. For one thread.
 */
public final class Prefetch implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    /** Makes batches, on several threads at once. */
    @FunctionalInterface
    public interface Source {
        /**
         * @param step its number
         * @param spare a batch that is no longer needed, whose memory may be taken over
         */
        HostBatch make(int step, Optional<HostBatch> spare);
    }

    private final ExecutorService workers;
    private final Deque<Future<HostBatch>> pending = new ArrayDeque<>();
    private final Queue<HostBatch> spares = new ConcurrentLinkedQueue<>();
    private final Source source;
    private final int ahead;
    private final int end;
    private int next;
    private Optional<HostBatch> taken = Optional.empty();

    /**
     * @param begin the first step
     * @param end one past the last step
     * @param threads how many batches are made at once
     */
    public Prefetch(Source source, int begin, int end, int threads) {
        this.source = source;
        this.next = begin;
        this.end = end;
        this.ahead = threads + 1;
        this.workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "prefetch");
            thread.setDaemon(true);
            return thread;
        });
        refill();
    }

    /**
     * The batch of the next step, waiting until it is made. It is good until the next call, which may take its memory.
     *
     * @throws RuntimeException what made this batch fail, as it was thrown
     */
    public HostBatch take() {
        taken.ifPresent(spares::add);
        taken = Optional.empty();
        try {
            HostBatch hostBatch = pending.remove().get();
            taken = Optional.of(hostBatch);
            refill();
            return hostBatch;
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
        while (next < end && pending.size() < ahead) {
            int step = next++;
            pending.add(workers.submit(() -> source.make(step, Optional.ofNullable(spares.poll()))));
        }
    }

    /** Ends the threads. They are not interrupted: that would close the files that they are reading or writing. */
    @Override
    public void close() {
        pending.forEach(batch -> batch.cancel(false));
        workers.shutdown();
        try {
            workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
