package dev.preceptor.service;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * The folder in which a service keeps everything: {@code jobs/ID}, {@code series/HASH} of series that arrive, {@code incoming} of uploads
 * that are not complete, and the audit log. These only their owner may read, where the file system has permissions; the folder itself is
 * for its owner alone if the service created it, and stays as it is if it was there. One process uses it at a time.
 */
final class DataFolder implements AutoCloseable {
    private static final String FOLDER = "rwx------";
    private static final String FILE = "rw-------";

    private final Path root;
    private final FileChannel lock;

    private DataFolder(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Creates the folder where it is missing, and removes what uploads that were cut off left.
     *
     * @throws PreceptorException if it cannot be used, or another service uses it
     */
    static DataFolder open(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        boolean isNew = !Files.exists(root);
        AtomicFiles.createFolder(root);
        try {
            if (isNew) {
                makePrivate(root, FOLDER);
            }
            FileChannel channel =
                    FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            requireLock(folder, channel);
            DataFolder opened = new DataFolder(root, channel);
            AtomicFiles.deleteFolder(opened.incoming());
            for (Path part : new Path[] {opened.incoming(), opened.jobs(), opened.series()}) {
                AtomicFiles.createFolder(part);
                makePrivate(part, FOLDER);
            }
            return opened;
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot be used as data folder: " + Reason.of(e), e);
        }
    }

    /** Takes a file from all but its owner. */
    static void makePrivate(Path file) {
        makePrivate(file, FILE);
    }

    private static void makePrivate(Path path, String permissions) {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            throw new PreceptorException(
                    path + ": others can read it, and that cannot be changed: " + Reason.of(e)
                            + "; give it to the user who runs the service, or choose another folder by --data",
                    e);
        }
    }

    private static void requireLock(Path folder, FileChannel channel) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new PreceptorException(
                    folder + ": another service uses this data folder; end it, or choose another by --data");
        }
    }

    Path root() {
        return root;
    }

    Path jobs() {
        return root.resolve("jobs");
    }

    Path series() {
        return root.resolve("series");
    }

    private Path incoming() {
        return root.resolve("incoming");
    }

    /** A new folder of a random name, on the file system of the others so that it can be renamed. */
    Path newFolder() {
        Path folder = incoming().resolve(UUID.randomUUID().toString());
        AtomicFiles.createFolder(folder);
        return folder;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // The operating system releases the lock at the latest when the process ends.
            return;
        }
    }
}
