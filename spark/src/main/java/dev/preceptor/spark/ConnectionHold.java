package dev.preceptor.spark;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Keeps the connection to a cluster after a signal, until it is closed. Without it Spark disconnects at once, which ends the executors
 * before their tasks can write checkpoints.
 */
final class ConnectionHold implements AutoCloseable {
    /** Hooks of Hadoop run one after the other, the highest first; Spark's is 30 above that of the file systems. */
    private static final int BEFORE_SPARK = FileSystem.SHUTDOWN_HOOK_PRIORITY + 100;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Runnable hook = this::awaitClose;
    private final boolean isTooLate;

    private ConnectionHold() {
        isTooLate = !isAdded();
    }

    static ConnectionHold take() {
        return new ConnectionHold();
    }

    /** Whether the process ends already, so that Spark may be disconnecting. */
    boolean isTooLate() {
        return isTooLate;
    }

    private boolean isAdded() {
        try {
            // The session limits the time itself.
            ShutdownHookManager.get().addShutdownHook(hook, BEFORE_SPARK, Long.MAX_VALUE, TimeUnit.SECONDS);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private void awaitClose() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            ShutdownHookManager.get().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook runs, and has been released above.
            return;
        }
    }
}
