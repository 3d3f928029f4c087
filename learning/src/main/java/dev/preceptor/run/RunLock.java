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
 * Keeps two trainings out of one folder: a job that is asked to stop may still write its checkpoint when its successor comes.
 * The system gives the lock back when the process ends, however it ends.
 */
public final class RunLock implements AutoCloseable {
    static final String NAME = ".lock";

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock of the folder of a run.
     *
     * @throws PreceptorException if another training has it, or the folder cannot be written
     */
    public static RunLock take(Path run) {
        AtomicFiles.createFolder(run);
        Path file = run.resolve(NAME);
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be made: " + AtomicFiles.reason(e), e);
        }
        RunLock lock = new RunLock(channel);
        if (!lock.isFree()) {
            lock.close();
            throw new PreceptorException(
                    run + ": another training is at work in this folder; wait for its end, or name a new folder");
        }
        return lock;
    }

    private boolean isFree() {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            // Some network file systems know no locks; there it is the user who keeps trainings apart.
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
