package dev.preceptor.parallel;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Passes the secret of a run to the other ranks by a file in the folder of the run, readable for its owner only, where
 * {@code PRECEPTOR_SECRET} is not set. Rank 0 writes it before it listens and removes it once all ranks have connected.
 *
 * @param folder of the run
 */
record SecretFile(Path folder) {
    private static final int MOST_BYTES = 256;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    Path path() {
        return folder.resolve(DistributedEnvironment.SECRET_FILE);
    }

    /**
     * Writes a new secret.
     *
     * @throws PreceptorException if the folder cannot be written, or the file system cannot keep others from reading it
     */
    RunSecret write() {
        AtomicFiles.createFolder(folder);
        String text = RunSecret.random();
        Path aside = folder.resolve(DistributedEnvironment.SECRET_FILE + "-"
                + ProcessHandle.current().pid() + ".part");
        try {
            Files.deleteIfExists(aside);
            try (FileChannel channel = FileChannel.open(
                    aside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes(folder))) {
                requirePrivate(aside);
                channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                channel.force(true);
            }
            Files.move(aside, path(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return RunSecret.of(text);
        } catch (IOException e) {
            throw new PreceptorException(
                    path() + ": cannot be written: " + AtomicFiles.reason(e)
                            + "; set PRECEPTOR_SECRET to the same text on every rank instead",
                    e);
        } finally {
            deleteQuietly(aside);
        }
    }

    private static FileAttribute<?>[] attributes(Path folder) {
        return isPosix(folder)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class) != null;
    }

    /**
     * Reads the secret that rank 0 wrote.
     *
     * @return nothing if it is not there yet
     * @throws PreceptorException if others may read it, or it is no secret
     */
    Optional<RunSecret> read() {
        try {
            if (!Files.isRegularFile(path(), LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            requirePrivate(path());
            if (Files.size(path()) > MOST_BYTES) {
                throw new FileSystemException(path().toString(), null, "it is too long for a secret");
            }
            return Optional.of(RunSecret.of(Files.readString(path()).strip()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PreceptorException(
                    path() + ": cannot be read: " + AtomicFiles.reason(e)
                            + "; remove it, or set PRECEPTOR_SECRET to the same text on every rank",
                    e);
        }
    }

    private static void requirePrivate(Path file) throws IOException {
        if (isPosix(file) && !PRIVATE.containsAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
            throw new FileSystemException(file.toString(), null, "others than its owner may read or write it");
        }
    }

    /** Removes the file, and the folder if nothing else is in it. */
    void delete(boolean emptyFolder) {
        deleteQuietly(path());
        if (emptyFolder) {
            deleteQuietly(folder);
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // A folder with other files stays; a secret left behind opens nothing once the training has begun.
            return;
        }
    }
}
