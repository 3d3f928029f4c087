package dev.preceptor.base;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Writes files that are either whole or absent: the bytes go to a hidden file beside the target, are forced to the disk,
 * and take the target's name in one rename. A reader, or a power cut, never sees half a file. What a killed process left
 * aside is removed by the next write of the same target, or by {@link #sweep}. Stateless, thread-safe.
 */
public final class AtomicFiles {
    private AtomicFiles() {}

    /** Writes the content of one file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes {@code target} whole or not at all, creating its parent folders. A symbolic link stays, and the file behind it
     * is replaced; what replaces a file has its permissions. A device or a pipe is written to as it is.
     *
     * @throws PreceptorException if the target is a folder, a disk or a link that leads nowhere, or cannot be written,
     *     naming the target and the cause
     */
    public static void write(Path target, Content content) {
        try {
            Destination destination = Destination.of(target);
            if (destination.isStream()) {
                stream(destination, content);
            } else {
                replace(destination.path(), content);
            }
        } catch (IOException e) {
            throw new PreceptorException(target + ": cannot be written: " + reason(e), e);
        }
    }

    private static void stream(Destination destination, Content content) throws IOException {
        try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(destination.path(), destination.options()), 1 << 16)) {
            content.writeTo(out);
        }
    }

    private static void replace(Path file, Content content) throws IOException {
        createFolder(file.getParent());
        PartialFile.sweep(file);
        try (PartialFile aside = PartialFile.file(file)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(aside.channel()), 1 << 16);
            content.writeTo(out);
            out.flush();
            keepPermissions(file, aside.content());
            aside.channel().force(true);
            aside.renameFile(file);
            syncFolder(file.getParent());
        }
    }

    /** A file that only its owner may read stays one. */
    private static void keepPermissions(Path file, Path replacement) throws IOException {
        if (Files.exists(file)
                && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(replacement, Files.getPosixFilePermissions(file));
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
     * Makes the folder {@code target} whole or not at all: it is filled aside and takes its name in one rename.
     *
     * @param target a folder that is absent
     * @throws PreceptorException if it is there, or cannot be made or filled
     */
    public static void writeFolder(Path target, FolderContent content) {
        Path absolute = target.toAbsolutePath();
        try {
            createFolder(absolute.getParent());
            PartialFile.sweep(absolute);
            try (PartialFile aside = PartialFile.folder(absolute)) {
                content.writeTo(aside.content());
                aside.renameFolder(absolute);
                syncFolder(absolute.getParent());
            }
        } catch (IOException e) {
            throw new PreceptorException(target + ": cannot be made: " + reason(e), e);
        }
    }

    /**
     * Removes from a folder what killed processes left half written; what a living process writes stays, and so does
     * everything else.
     *
     * @param folder a folder, which may be absent
     */
    public static void sweep(Path folder) {
        PartialFile.sweepAll(folder);
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
        } catch (UncheckedIOException e) {
            throw new PreceptorException(folder + ": cannot be removed: " + reason(e.getCause()), e);
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

    /** The cause of an input or output error in words a user can act on; see {@link Reason}. */
    public static String reason(IOException e) {
        return Reason.of(e);
    }
}
