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
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Writes files and folders that are either complete or absent. The bytes go to a hidden partial file beside the target,
 * are forced to the disk, and take the target's name in one atomic rename, so that neither a reader nor a power failure
 * ever sees half a file. Partial files of killed processes are removed by the next write of the same target, or by
 * {@link #sweep}. Stateless, thread-safe.
 */
public final class AtomicFiles {
    private AtomicFiles() {}

    /** Writes the content of one file to a stream. */
    @FunctionalInterface
    public interface FileContent {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file completely or not at all; missing parent folders are created. If {@code target} is a symbolic link,
     * the link stays and the file it points to is replaced. A replaced file keeps its permissions. A device or a named
     * pipe is opened and written to directly.
     *
     * @param target the file to write
     * @param content writes the bytes of the file
     * @throws PreceptorException naming the target and the cause, if it is a folder, a block device or a link whose
     *     target folder does not exist, or if it cannot be written
     */
    public static void write(Path target, FileContent content) {
        write(target, content, PartialFile::sweep);
    }

    /**
     * The same for one of many files of a folder for which {@link #sweep} has been called: each {@link #write} lists the folder to find
     * the partial files of its target, which takes quadratic time.
     */
    public static void writeSwept(Path target, FileContent content) {
        write(target, content, swept -> {});
    }

    private static void write(Path target, FileContent content, Consumer<Path> sweep) {
        try {
            Destination destination = Destination.of(target);
            if (destination.isStream()) {
                stream(destination, content);
            } else {
                replace(destination.path(), content, sweep);
            }
        } catch (IOException e) {
            throw new PreceptorException(target + ": cannot be written: " + reason(e), e);
        }
    }

    /**
     * Refuses a target that {@link #write} would refuse by its kind, before the work whose result is to be written.
     *
     * @throws PreceptorException if it is a folder, a block device, or a link that leads nowhere
     */
    public static void requireFile(Path target) {
        try {
            Destination.of(target);
        } catch (IOException e) {
            throw new PreceptorException(target + ": cannot be written: " + reason(e), e);
        }
    }

    /**
     * Refuses a folder that cannot be made, before the work whose results it is to hold.
     *
     * @param target a folder, which may be absent
     * @throws PreceptorException if it, or the first of its parents that exists, is no folder
     */
    public static void requireFolder(Path target) {
        Path existing = target.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw new PreceptorException(
                    target + ": cannot be a folder, because " + existing + " is a file; name another");
        }
    }

    private static void stream(Destination destination, FileContent content) throws IOException {
        try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(destination.path(), destination.options()), 1 << 16)) {
            content.writeTo(out);
        }
    }

    private static void replace(Path file, FileContent content, Consumer<Path> sweep) throws IOException {
        createFolder(file.getParent());
        sweep.accept(file);
        try (PartialFile partial = PartialFile.file(file)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(partial.channel()), 1 << 16);
            content.writeTo(out);
            out.flush();
            keepPermissions(file, partial.content());
            partial.channel().force(true);
            partial.renameFile(file);
            syncFolder(file.getParent());
        }
    }

    /** Copies the permissions of the replaced file, so that a private file stays private. */
    private static void keepPermissions(Path file, Path replacement) throws IOException {
        if (Files.exists(file)
                && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(replacement, Files.getPosixFilePermissions(file));
        }
    }

    /** Writes a text in UTF-8, completely or not at all. */
    public static void writeString(Path target, String text) {
        write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes the content of one folder. */
    @FunctionalInterface
    public interface FolderContent {
        void writeTo(Path folder);
    }

    /**
     * Creates a folder completely or not at all: its content is written to a partial folder, which takes the name
     * {@code target} in one rename.
     *
     * @param target a folder that does not exist
     * @param content writes files into the folder that it receives
     * @throws PreceptorException if the folder exists, or cannot be created or filled
     */
    public static void writeFolder(Path target, FolderContent content) {
        Path absolute = target.toAbsolutePath();
        try {
            createFolder(absolute.getParent());
            PartialFile.sweep(absolute);
            try (PartialFile partial = PartialFile.folder(absolute)) {
                content.writeTo(partial.content());
                partial.renameFolder(absolute);
                syncFolder(absolute.getParent());
            }
        } catch (IOException e) {
            throw new PreceptorException(target + ": cannot be created: " + reason(e), e);
        }
    }

    /**
     * Removes the partial files and folders that killed processes left in a folder. Those of running processes, and all
     * other files, stay.
     *
     * @param folder a folder; it may be absent
     */
    public static void sweep(Path folder) {
        PartialFile.sweepAll(folder);
    }

    /**
     * Removes a folder with everything in it. Does nothing if the folder does not exist.
     *
     * @throws PreceptorException if an entry cannot be removed
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
     * Creates a folder and its missing parents.
     *
     * @throws PreceptorException naming the folder and the cause, if that is impossible
     */
    public static void createFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new PreceptorException(folder + ": this folder cannot be created: " + reason(e), e);
        }
    }

    /** Makes the renames in a folder durable. Does nothing on file systems that cannot do this. */
    public static void syncFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows cannot open folders, and some network file systems cannot sync them; the rename itself is atomic.
            return;
        }
    }

    /** The cause of an I/O error in words for users; the same as {@link Reason#of}. */
    public static String reason(IOException e) {
        return Reason.of(e);
    }
}
