package dev.preceptor.base;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Writes files that are either whole or absent: the bytes go to a hidden file beside the target, are forced to the disk,
 * and take the target's name in one rename. A reader, or a power cut, never sees half a file. Stateless, thread-safe.
 */
public final class AtomicFiles {
    private AtomicFiles() {}

    /** Writes the content of one file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes {@code target} whole or not at all, creating its parent folders.
     *
     * @throws PreceptorException if the folder cannot be made or written, naming the target and the cause
     */
    public static void write(Path target, Content content) {
        Path absolute = target.toAbsolutePath();
        Path aside = absolute.resolveSibling("." + absolute.getFileName() + "."
                + ProcessHandle.current().pid() + "-" + Thread.currentThread().getId() + ".part");
        try {
            createFolder(absolute.getParent());
            try (FileChannel channel = FileChannel.open(
                            aside,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
                    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            Files.move(aside, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(absolute.getParent());
        } catch (IOException e) {
            throw new PreceptorException(target + ": cannot be written: " + reason(e), e);
        } finally {
            deleteQuietly(aside);
        }
    }

    /** Writes text as UTF-8, whole or not at all. */
    public static void writeString(Path target, String text) {
        write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Fills a folder. */
    @FunctionalInterface
    public interface FolderContent {
        void writeTo(Path folder);
    }

    /**
     * Makes the folder {@code target} whole or not at all: it is filled aside and takes its name in one rename. What an
     * earlier attempt left aside is removed first.
     *
     * @param target a folder that is absent
     * @throws PreceptorException if it is there, or cannot be made or filled
     */
    public static void writeFolder(Path target, FolderContent content) {
        Path absolute = target.toAbsolutePath();
        Path aside = absolute.resolveSibling("." + absolute.getFileName() + ".part");
        try {
            deleteFolder(aside);
            createFolder(aside);
            content.writeTo(aside);
            Files.move(aside, absolute, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(absolute.getParent());
        } catch (IOException e) {
            throw new PreceptorException(target + ": cannot be made: " + reason(e), e);
        } finally {
            deleteFolderQuietly(aside);
        }
    }

    /**
     * Removes a folder and everything in it; one that is absent is left so.
     *
     * @throws PreceptorException if something in it cannot be removed
     */
    public static void deleteFolder(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path entry : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot be removed: " + reason(e), e);
        }
    }

    /**
     * Makes a folder and its parents.
     *
     * @throws PreceptorException if that is not possible, naming the folder and the cause
     */
    public static void createFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot make this folder: " + reason(e), e);
        }
    }

    /** Makes the entries of a folder (its renames) durable; a file system that cannot do this is left as it is. */
    public static void syncFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no folders, and some network file systems do not sync them; the rename itself was atomic.
            return;
        }
    }

    /** The cause of an input or output error in words a user can act on, without a Java class name where one is known. */
    public static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file of this name is in the way";
        }
        if (e instanceof FileSystemException f && f.getReason() != null) {
            return f.getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void deleteFolderQuietly(Path folder) {
        try {
            deleteFolder(folder);
        } catch (PreceptorException e) {
            // The outcome is what the caller must hear of; the next attempt begins with removing it.
            return;
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The write's own outcome is what the caller must hear of; a leftover hidden file harms nobody.
            return;
        }
    }
}
