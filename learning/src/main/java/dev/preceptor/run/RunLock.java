package dev.preceptor.run;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.ExclusiveLock;
import dev.preceptor.base.PreceptorException;
import java.nio.file.Path;

/** Prevents two trainings in one folder: a job that was asked to stop may still write its checkpoint when the next job starts. */
public final class RunLock implements AutoCloseable {
    static final String NAME = ".lock";

    private final ExclusiveLock lock;

    private RunLock(ExclusiveLock lock) {
        this.lock = lock;
    }

    /**
     * Locks the folder of a run, which is created if it is missing.
     *
     * @throws PreceptorException if another training holds the lock, or the folder cannot be written
     */
    public static RunLock take(Path run) {
        AtomicFiles.createFolder(run);
        return new RunLock(ExclusiveLock.take(run.resolve(NAME))
                .orElseThrow(() -> new PreceptorException(
                        run + ": another training is running in this folder; wait for its end, or name a new folder")));
    }

    @Override
    public void close() {
        lock.close();
    }
}
