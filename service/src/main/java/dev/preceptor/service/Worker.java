package dev.preceptor.service;

import dev.preceptor.base.DaemonThreads;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;

/** Runs the jobs of one model, one after the other, on a thread of its own. */
final class Worker {
    private static final int FETCHES = 6;
    private static final long FIRST_PAUSE_SECONDS = 1;
    private static final long LONGEST_PAUSE_SECONDS = 60;

    private final ServedModel model;
    private final JobQueue queue;
    private final JobStore store;
    private final JobRunner runner;
    private final AtomicInteger running;
    private final JobLog log;
    private final Thread thread;

    /** @param running is counted up while a job runs */
    Worker(ServedModel model, JobQueue queue, JobStore store, JobRunner runner, AtomicInteger running, JobLog log) {
        this.model = model;
        this.queue = queue;
        this.store = store;
        this.runner = runner;
        this.running = running;
        this.log = log;
        this.thread = DaemonThreads.of("jobs of " + model.name(), this::work);
    }

    void start() {
        thread.start();
    }

    private void work() {
        long pause = FIRST_PAUSE_SECONDS;
        try {
            for (Optional<String> id = queue.next(model.name()); id.isPresent(); id = queue.next(model.name())) {
                String next = id.get();
                if (Supervisor.attempt(thread.getName(), () -> take(next))) {
                    pause = FIRST_PAUSE_SECONDS;
                } else {
                    TimeUnit.SECONDS.sleep(pause);
                    pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS);
                }
            }
        } catch (InterruptedException e) {
            // The job that ran begins again when the service is back.
            Thread.currentThread().interrupt();
        }
    }

    private void take(String id) throws InterruptedException {
        Optional<Job> job = store.find(id);
        if (job.isPresent()) {
            running.incrementAndGet();
            try {
                run(job.get());
            } finally {
                running.decrementAndGet();
            }
        }
    }

    private void run(Job queued) throws InterruptedException {
        Job job = queued.asRunning();
        begin(queued, job);
        Job ended;
        try {
            ended = job.asDone(runWithRetries(job));
        } catch (RuntimeException | Error e) {
            if (e.getCause() instanceof InterruptedException || Thread.interrupted()) {
                throw new InterruptedException();
            }
            ended = job.asFailed(ErrorText.of(e, store.folder(job.id())));
        }
        end(ended);
    }

    /** Writes down that a job runs; one for which that fails waits again behind the others. */
    private void begin(Job queued, Job job) {
        try {
            store.update(job);
            log.started(job);
        } catch (RuntimeException | Error e) {
            queue.putBack(queued);
            store.show(queued);
            throw e;
        }
    }

    /** Writes down the end of a job; one for which that fails is shown all the same, and runs again after the next start. */
    private void end(Job ended) {
        try {
            store.update(ended);
        } catch (RuntimeException | Error e) {
            store.show(ended);
            log.count(ended);
            throw e;
        }
        log.ended(ended);
    }

    private JobResult runWithRetries(Job job) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return runner.run(job, model, new PacedProgress(share -> store.show(job.withProgress(share))));
            } catch (Pacs.UnavailableException e) {
                if (attempt == FETCHES) {
                    throw new dev.preceptor.base.PreceptorException(e.getMessage(), e);
                }
                TimeUnit.SECONDS.sleep(FIRST_PAUSE_SECONDS << (attempt - 1));
            }
        }
    }

    /** Drops steps that follow each other too soon for a reader. For one thread at a time. */
    private static final class PacedProgress implements DoubleConsumer {
        private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(250);

        private final DoubleConsumer listener;
        private long last = System.nanoTime() - PAUSE;

        PacedProgress(DoubleConsumer listener) {
            this.listener = listener;
        }

        @Override
        public void accept(double share) {
            long now = System.nanoTime();
            if (now - last >= PAUSE) {
                last = now;
                listener.accept(share);
            }
        }
    }

    /** Waits for the job that runs. The queue must be closed. */
    void join(long millis) throws InterruptedException {
        thread.join(Math.max(1, millis));
        if (thread.isAlive()) {
            thread.interrupt();
        }
    }
}
