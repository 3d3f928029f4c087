package dev.preceptor.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns Ctrl-C and SIGTERM into a request to stop: between {@link #listen} and {@link #close} the JVM waits for a checkpoint
 * before it exits with its code for the signal, 130 or 143. Thread-safe.
 */
final class StopSignals implements AutoCloseable {
    private static final long MAX_WAIT_SECONDS = 300;

    private final AtomicBoolean requested = new AtomicBoolean();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;

    private StopSignals(PrintWriter err) {
        hook = new Thread(() -> stop(err), "stop");
    }

    /** Handles signals until {@link #close()}. */
    static StopSignals listen(PrintWriter err) {
        StopSignals signals = new StopSignals(err);
        Runtime.getRuntime().addShutdownHook(signals.hook);
        return signals;
    }

    /** Whether a signal has arrived. */
    boolean requested() {
        return requested.get();
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down and the hook has been released above.
            return;
        }
    }

    private void stop(PrintWriter err) {
        requested.set(true);
        err.println();
        err.println("preceptor: stopping; writing a checkpoint ...");
        err.flush();
        try {
            if (!finished.await(MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
                err.println("preceptor: error: no checkpoint within " + MAX_WAIT_SECONDS
                        + " s; resuming continues from the previous one");
                err.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
