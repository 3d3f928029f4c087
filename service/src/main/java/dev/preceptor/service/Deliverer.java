package dev.preceptor.service;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.PreceptorException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Sends segmentations to the PACS, one after the other. What cannot be sent now is tried again until it can, also after a restart; the
 * same instance is sent each time, so that the PACS keeps it once. One with which the PACS fails holds up no other.
 */
final class Deliverer {
    private static final long FIRST_PAUSE_SECONDS = 2;
    private static final long LONGEST_PAUSE_SECONDS = 300;

    private final Pacs pacs;
    private final JobStore store;
    private final JobLog log;
    private final Semaphore news = new Semaphore(1);
    private final Thread thread;
    private volatile boolean isClosed;

    Deliverer(Pacs pacs, JobStore store, JobLog log) {
        this.pacs = pacs;
        this.store = store;
        this.log = log;
        this.thread = DaemonThreads.of("delivery", this::work);
    }

    void start() {
        thread.start();
    }

    /** There may be something to send. */
    void wake() {
        news.release();
    }

    private void work() {
        long pause = FIRST_PAUSE_SECONDS;
        try {
            while (!isClosed) {
                boolean isAllSent = attemptAll();
                if (isAllSent) {
                    pause = FIRST_PAUSE_SECONDS;
                    news.acquire();
                } else if (!news.tryAcquire(pause, TimeUnit.SECONDS)) {
                    pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS);
                }
                news.drainPermits();
            }
        } catch (InterruptedException e) {
            // What is left is sent after the next start.
            Thread.currentThread().interrupt();
        }
    }

    private boolean attemptAll() {
        try {
            return deliverAll();
        } catch (RuntimeException | Error e) {
            Supervisor.report("delivery", e);
            return false;
        }
    }

    private boolean deliverAll() {
        List<Job> pending = store.newestFirst().stream()
                .filter(job -> job.delivery().filter(Delivery.PENDING::equals).isPresent())
                .sorted(Comparator.comparingLong(Job::number))
                .toList();
        boolean isAllSent = true;
        for (Job job : pending) {
            if (isClosed) {
                return false;
            }
            try {
                deliver(job);
            } catch (Pacs.UnavailableException e) {
                if (!e.isOfRequest()) {
                    return false;
                }
                isAllSent = false;
            } catch (RuntimeException | Error e) {
                Supervisor.report("delivery of " + job.label(), e);
                isAllSent = false;
            }
        }
        return isAllSent;
    }

    private void deliver(Job job) {
        Delivery outcome;
        try {
            pacs.store(store.output(job.id()).resolve(JobFiles.SEGMENTATION));
            outcome = Delivery.STORED;
        } catch (PreceptorException e) {
            outcome = Delivery.FAILED;
        }
        store.update(job.withDelivery(outcome));
        log.delivered(job, outcome);
    }

    /** Ends after the instance that is being sent. */
    void close(long millis) throws InterruptedException {
        isClosed = true;
        wake();
        thread.join(Math.max(1, millis));
        thread.interrupt();
    }
}
