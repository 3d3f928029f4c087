package dev.preceptor.base;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A locked file that keeps other threads and processes away from a folder. The operating system releases the lock when the process ends
 * in any way. On a network file system without locks everybody gets it; there users keep processes apart.
 */
public final class ExclusiveLock implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private ExclusiveLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Locks a file, which is created if it is missing.
     *
     * @param file in a folder that exists
     * @return empty if somebody else holds the lock
     * @throws PreceptorException if the file cannot be created
     */
    public static Optional<ExclusiveLock> take(Path file) {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be created: " + AtomicFiles.reason(e), e);
        }
        ExclusiveLock lock = new ExclusiveLock(file, channel);
        if (isFree(channel)) {
            return Optional.of(lock);
        }
        lock.close();
        return Optional.empty();
    }

    private static boolean isFree(FileChannel channel) {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Releases the lock and removes the file, of which a user of the folder has no need; one that cannot be removed stays. */
    public void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The next one to take the lock takes it on the same file, and the caller may be ending with an error of
            // its own.
            return;
        } finally {
            close();
        }
    }

    /** Releases the lock; the file stays. */
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
