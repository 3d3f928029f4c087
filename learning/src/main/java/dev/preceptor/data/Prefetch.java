package dev.preceptor.data;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.Parallel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Prepares the next batches of an epoch on worker threads during a step, and hands them out in order. At most two batches
 * more than worker threads are in memory, and no more than its limit. The batches do not depend on either number. Not thread-safe:
 * one thread takes the batches.
 */
public final class Prefetch implements AutoCloseable {
    private static final long SHUTDOWN_SECONDS = 60;

    /** Makes batches; several threads call it at once. */
    @FunctionalInterface
    public interface Source {
        /**
         * Makes the batch of a step.
         *
         * @param step number of the step in its epoch
         * @param spare a batch no longer in use, whose memory may be reused
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
     * Starts the worker threads.
     *
     * @param begin the first step
     * @param end the step after the last
     * @param threads number of worker threads, at least 1; no more are started than batches may be prepared
     * @param most batches in memory at a time, at least 2, one of which is in use
     */
    public Prefetch(Source source, int begin, int end, int threads, int most) {
        this.source = source;
        this.next = begin;
        this.end = end;
        this.ahead = Math.min(threads + 1, most - 1);
        this.workers = Executors.newFixedThreadPool(Math.min(threads, ahead), DaemonThreads.named("prefetch"));
        refill();
    }

    /**
     * Waits for the batch of the next step. It is valid until the next call, which may reuse its memory.
     *
     * @throws RuntimeException the exception of the source, if it could not make this batch
     */
    public HostBatch take() {
        taken.ifPresent(spares::add);
        taken = Optional.empty();
        HostBatch hostBatch = Parallel.result(pending.remove());
        taken = Optional.of(hostBatch);
        refill();
        return hostBatch;
    }

    private void refill() {
        while (next < end && pending.size() < ahead) {
            int step = next++;
            pending.add(workers.submit(() -> source.make(step, Optional.ofNullable(spares.poll()))));
        }
    }

    /** Ends the worker threads. They are not interrupted: an interrupt would close the files that they read or write. */
    @Override
    public void close() {
        pending.forEach(batch -> batch.cancel(false));
        workers.shutdown();
        try {
            workers.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
