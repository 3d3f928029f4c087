package dev.preceptor.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns Ctrl-C and SIGTERM into a polite request: the work between opening and closing is asked to stop and given time to
 * write its checkpoint before the process ends, with 130 or 143 as the JVM exits on these signals. Thread-safe.
 */
final class StopSignals implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 300;

    private final AtomicBoolean requested = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;

    private StopSignals(PrintWriter err) {
        hook = new Thread(() -> stop(err), "stop");
    }

    /** From now until {@link #close()} a signal is a request. */
    static StopSignals listen(PrintWriter err) {
        StopSignals signals = new StopSignals(err);
        Runtime.getRuntime().addShutdownHook(signals.hook);
        return signals;
    }

    /** Whether somebody asked for an end. */
    boolean requested() {
        return requested.get();
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook has just been released.
            return;
        }
    }

    private void stop(PrintWriter err) {
        requested.set(true);
        err.println();
        err.println("preceptor: stopping; writing a checkpoint ...");
        err.flush();
        try {
            if (!finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                err.println("preceptor: error: no checkpoint within " + PATIENCE_SECONDS
                        + " s; the run resumes from the one before");
                err.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
