package dev.preceptor.run;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Prevents two trainings in one folder: a job that was asked to stop may still write its checkpoint when the next job starts. The
 * operating system releases the lock when the process ends in any way.
 */
public final class RunLock implements AutoCloseable {
    static final String NAME = ".lock";

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Locks the folder of a run, which is created if it is missing.
     *
     * @throws PreceptorException if another training holds the lock, or the folder cannot be written
     */
    public static RunLock take(Path run) {
        AtomicFiles.createFolder(run);
        Path file = run.resolve(NAME);
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be created: " + AtomicFiles.reason(e), e);
        }
        RunLock lock = new RunLock(channel);
        if (!lock.tryLock()) {
            lock.close();
            throw new PreceptorException(
                    run + ": another training is running in this folder; wait for its end, or name a new folder");
        }
        return lock;
    }

    private boolean tryLock() {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            // Some network file systems have no locks; there the user must keep trainings apart.
            return true;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written through it.
            return;
        }
    }
}
