package dev.preceptor.infer;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.Parallel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/** Reads the next subject and writes the last one on threads of its own while the caller computes. For one caller. */
final class Overlapped implements AutoCloseable {
    private final ExecutorService threads = Executors.newFixedThreadPool(2, DaemonThreads.named("prediction-files"));
    private Future<?> write;
    private Runnable afterWrite;

    /** Begins to read; the returned supplier waits for the result and throws what the reading threw. */
    <T> Supplier<T> read(Supplier<T> reading) {
        Future<T> result = threads.submit(reading::get);
        return () -> Parallel.result(result);
    }

    /**
     * Begins to write, after the last write has finished.
     *
     * @param after runs on the caller's thread once the files are complete
     */
    void write(Runnable writing, Runnable after) {
        finish();
        write = threads.submit(writing);
        afterWrite = after;
    }

    /** Waits for the last write, if there is one, and throws what it threw. */
    void finish() {
        if (write != null) {
            Future<?> last = write;
            write = null;
            Parallel.result(last);
            afterWrite.run();
        }
    }

    /** Completes what was begun to be written. */
    @Override
    public void close() {
        try {
            finish();
        } finally {
            threads.shutdown();
        }
    }
}
