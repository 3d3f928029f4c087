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
 * A file in the folder of a run, readable by its owner only, through which rank 0 passes the secret to the other ranks if
 * {@code PRECEPTOR_SECRET} is not set. Rank 0 writes it before it listens and deletes it once all ranks have connected.
 *
 * @param folder of the run
 */
record SecretFile(Path folder) {
    private static final int MAX_BYTES = 256;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    Path path() {
        return folder.resolve(DistributedEnvironment.SECRET_FILE);
    }

    /**
     * Writes a new secret.
     *
     * @throws PreceptorException if the file cannot be written, or the file system cannot make it private
     */
    RunSecret write() {
        AtomicFiles.createFolder(folder);
        String text = RunSecret.random();
        Path temporary = folder.resolve(DistributedEnvironment.SECRET_FILE + "-"
                + ProcessHandle.current().pid() + ".part");
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes(folder))) {
                requirePrivate(temporary);
                channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                channel.force(true);
            }
            Files.move(temporary, path(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return RunSecret.of(text);
        } catch (IOException e) {
            throw new PreceptorException(
                    path() + ": cannot be written: " + AtomicFiles.reason(e)
                            + "; set PRECEPTOR_SECRET to the same text on every rank instead",
                    e);
        } finally {
            deleteQuietly(temporary);
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
     * @return empty if the file does not exist yet
     * @throws PreceptorException if other users may read the file, or it holds no secret
     */
    Optional<RunSecret> read() {
        try {
            if (!Files.isRegularFile(path(), LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            requirePrivate(path());
            if (Files.size(path()) > MAX_BYTES) {
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
            throw new FileSystemException(file.toString(), null, "other users than its owner may read or write it");
        }
    }

    /**
     * Deletes the file.
     *
     * @param withFolder whether to delete the folder too, if it is empty
     */
    void delete(boolean withFolder) {
        deleteQuietly(path());
        if (withFolder) {
            deleteQuietly(folder);
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // A folder with other files stays. A secret that stays is useless once the ranks have connected.
            return;
        }
    }
}
