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
 * The hidden file or folder beside a target in which its content grows until it is whole. While it is written, its process
 * holds a lock on it (on a file beside the content, if it is a folder), which the system releases however the process ends: what
 * carries such a name and no lock was left by a process that was killed, on whatever machine, and may be removed. For one
 * thread.
 */
final class PartialFile implements AutoCloseable {
    private static final String ENDING = ".part";
    private static final String LOCK = ".lock";
    /** The process and the thread that write it, and a number where both have written another. */
    private static final String WRITER = "[0-9]+-[0-9]+(-[0-9]+)?";

    private final Path path;
    private final Path content;
    private final FileChannel channel;

    private PartialFile(Path path, Path content, FileChannel channel) {
        this.path = path;
        this.content = content;
        this.channel = channel;
    }

    /** Makes an empty file beside the target, locked and open for writing. */
    static PartialFile file(Path target) throws IOException {
        while (true) {
            Path path = name(target);
            PartialFile made = new PartialFile(path, path, create(path));
            if (made.isClaimed(path)) {
                return made;
            }
            made.close();
        }
    }

    /** Makes an empty folder beside the target, inside a hidden one that holds the lock. */
    static PartialFile folder(Path target) throws IOException {
        while (true) {
            Path path = name(target);
            Files.createDirectory(path);
            try {
                Path content = path.resolve(target.getFileName());
                PartialFile made = new PartialFile(path, content, create(path.resolve(LOCK)));
                if (made.isClaimed(path.resolve(LOCK))) {
                    Files.createDirectory(content);
                    return made;
                }
                made.close();
            } catch (NoSuchFileException e) {
                // Another process took the folder for a leftover before the lock was in it.
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

    /** False if another process removes the file as a leftover, which it may until the lock is taken. */
    private boolean isClaimed(Path file) {
        return lock(channel) != Claim.TAKEN && Files.exists(file);
    }

    private enum Claim {
        OURS,
        TAKEN,
        UNKNOWN
    }

    private static Claim lock(FileChannel channel) {
        try {
            FileLock held = channel.tryLock();
            return held == null ? Claim.TAKEN : Claim.OURS;
        } catch (OverlappingFileLockException e) {
            return Claim.TAKEN;
        } catch (IOException e) {
            // Some network file systems know no locks; nothing is removed there.
            return Claim.UNKNOWN;
        }
    }

    /** The file or folder that is to be filled. */
    Path content() {
        return content;
    }

    /** Where the content of a file goes. */
    FileChannel channel() {
        return channel;
    }

    /** Gives a file its name, over a file that may have it. */
    void renameFile(Path target) throws IOException {
        Files.move(content, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Gives a folder its name. */
    void renameFolder(Path target) throws IOException {
        Files.move(content, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Closes it and removes what is there of it still: nothing, if it was renamed. */
    @Override
    public void close() {
        remove(path);
        try {
            channel.close();
        } catch (IOException e) {
            // What was written was forced to the disk before it took its name.
            return;
        }
    }

    /** Removes what killed processes left of one target. */
    static void sweep(Path target) {
        sweep(target.toAbsolutePath().getParent(), Pattern.quote("." + target.getFileName() + "."));
    }

    /** Removes what killed processes left of all targets in a folder. */
    static void sweepAll(Path folder) {
        sweep(folder, "\\..+\\.");
    }

    private static void sweep(Path folder, String beginning) {
        Pattern names = Pattern.compile(beginning + WRITER + Pattern.quote(ENDING), Pattern.DOTALL);
        List<Path> found;
        try (Stream<Path> entries = Files.list(folder)) {
            found = entries.filter(entry ->
                            names.matcher(entry.getFileName().toString()).matches())
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            // Whoever reads or writes the folder next says what is wrong with it.
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
            if (lock(channel) == Claim.OURS) {
                remove(entry);
            }
        } catch (IOException e) {
            // It is gone already, or another user's.
            return;
        }
    }

    private static void remove(Path entry) {
        try {
            AtomicFiles.deleteFolder(entry);
        } catch (PreceptorException e) {
            // The outcome of the write is what the caller must see; the next write tries again.
            return;
        }
    }
}
