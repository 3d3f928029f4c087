package dev.preceptor.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The hidden file or folder beside a target that receives its content until it is complete. The writing process holds a
 * lock on it (for a folder, on a file inside), which the operating system releases however the process ends. A partial
 * file without a lock therefore belongs to a process that was killed, on any machine, and may be removed. For one
 * thread.
 */
final class PartialFile implements AutoCloseable {
    private static final String ENDING = ".part";
    private static final String LOCK = ".lock";
    /** Process id and thread id of the writer, and a counter where both have written before. */
    private static final String WRITER = "[0-9]+-[0-9]+(-[0-9]+)?";

    private final Path path;
    private final Path content;
    private final FileChannel channel;

    private PartialFile(Path path, Path content, FileChannel channel) {
        this.path = path;
        this.content = content;
        this.channel = channel;
    }

    /** Creates an empty file beside the target, locked and open for writing. */
    static PartialFile file(Path target) throws IOException {
        while (true) {
            Path path = name(target);
            PartialFile partial = new PartialFile(path, path, create(path));
            if (partial.isClaimed(path)) {
                return partial;
            }
            partial.close();
        }
    }

    /** Creates an empty folder beside the target, inside a hidden folder that also contains the lock file. */
    static PartialFile folder(Path target) throws IOException {
        while (true) {
            Path path = name(target);
            Files.createDirectory(path);
            try {
                Path content = path.resolve(target.getFileName());
                PartialFile partial = new PartialFile(path, content, create(path.resolve(LOCK)));
                if (partial.isClaimed(path.resolve(LOCK))) {
                    Files.createDirectory(content);
                    return partial;
                }
                partial.close();
            } catch (NoSuchFileException e) {
                // Another process removed the folder as a leftover before it contained the lock.
                continue;
            }
        }
    }

    private static Path name(Path target) throws IOException {
        for (int attempt = 0; ; attempt++) {
            Path path = target.resolveSibling("." + target.getFileName() + "."
                    + ProcessHandle.current().pid() + "-"
                    + Thread.currentThread().getId()
                    + (attempt == 0 ? "" : "-" + attempt) + ENDING);
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return path;
            }
        }
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** False if another process removes the file as a leftover, which can happen until the lock is held. */
    private boolean isClaimed(Path file) {
        return lock(channel) != LockResult.HELD_ELSEWHERE && Files.exists(file);
    }

    private enum LockResult {
        ACQUIRED,
        HELD_ELSEWHERE,
        UNSUPPORTED
    }

    private static LockResult lock(FileChannel channel) {
        try {
            FileLock held = channel.tryLock();
            return held == null ? LockResult.HELD_ELSEWHERE : LockResult.ACQUIRED;
        } catch (OverlappingFileLockException e) {
            return LockResult.HELD_ELSEWHERE;
        } catch (IOException e) {
            // Some network file systems do not support locks; nothing is removed there.
            return LockResult.UNSUPPORTED;
        }
    }

    /** The file or folder to fill. */
    Path content() {
        return content;
    }

    /** The channel that writes the content of a file. */
    FileChannel channel() {
        return channel;
    }

    /** Moves the file to its target, replacing an existing file. */
    void renameFile(Path target) throws IOException {
        Files.move(content, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Moves the folder to its target, which must not exist. */
    void renameFolder(Path target) throws IOException {
        Files.move(content, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Releases the lock and removes what has not been renamed. */
    @Override
    public void close() {
        remove(path);
        try {
            channel.close();
        } catch (IOException e) {
            // The content was forced to the disk before the rename.
            return;
        }
    }

    /** Removes the leftovers of killed writes of one target. */
    static void sweep(Path target) {
        sweep(target.toAbsolutePath().getParent(), Pattern.quote("." + target.getFileName() + "."));
    }

    /** Removes the leftovers of killed writes of all targets in a folder. */
    static void sweepAll(Path folder) {
        sweep(folder, "\\..+\\.");
    }

    private static void sweep(Path folder, String prefix) {
        Pattern names = Pattern.compile(prefix + WRITER + Pattern.quote(ENDING), Pattern.DOTALL);
        List<Path> found;
        try (Stream<Path> entries = Files.list(folder)) {
            found = entries.filter(entry ->
                            names.matcher(entry.getFileName().toString()).matches())
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            // The next access to this folder reports the error.
            return;
        }
        found.forEach(PartialFile::removeLeftover);
    }

    private static void removeLeftover(Path entry) {
        if (Files.isSymbolicLink(entry)) {
            return;
        }
        boolean isFolder = Files.isDirectory(entry);
        Path lock = isFolder ? entry.resolve(LOCK) : entry;
        StandardOpenOption create = isFolder ? StandardOpenOption.CREATE : StandardOpenOption.WRITE;
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE, create)) {
            if (lock(channel) == LockResult.ACQUIRED) {
                remove(entry);
            }
        } catch (IOException e) {
            // The entry no longer exists or belongs to another user.
            return;
        }
    }

    private static void remove(Path entry) {
        try {
            AtomicFiles.deleteFolder(entry);
        } catch (PreceptorException e) {
            // The caller must see the result of the write itself; the next write repeats the removal.
            return;
        }
    }
}
