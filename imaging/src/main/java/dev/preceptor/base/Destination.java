package dev.preceptor.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * The place to which the bytes for a target are written.
 *
 * @param path the file to replace, absolute and not a link; or the device or named pipe to open
 * @param isStream whether {@code path} is opened and written to, because a new file of the same name would not be the
 *     same object
 * @param optionList the options for opening a stream; empty for a file
 */
record Destination(Path path, boolean isStream, List<StandardOpenOption> optionList) {
    private static final int MAX_LINKS = 40;
    private static final int FILE_TYPE_MASK = 0170000;
    private static final int BLOCK_DEVICE = 0060000;

    /**
     * Follows symbolic links and finds out what the target is.
     *
     * @throws PreceptorException if the target cannot be written
     */
    static Destination of(Path target) throws IOException {
        Path path = target.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(path); links++) {
            if (isOpenFile(path)) {
                // The name of an open file, for example /dev/stdout: a process that holds it open would not see
                // the replacement.
                return new Destination(path, true, List.of(StandardOpenOption.WRITE, StandardOpenOption.APPEND));
            }
            if (links == MAX_LINKS) {
                throw new PreceptorException(target + ": is a symbolic link that leads back to itself; name a file");
            }
            path = path.resolveSibling(Files.readSymbolicLink(path)).normalize();
        }
        if (Files.isDirectory(path)) {
            throw new PreceptorException(target + ": is a folder; name a file");
        }
        if (!path.equals(target.toAbsolutePath()) && !Files.isDirectory(path.getParent())) {
            throw new PreceptorException(target + ": is a symbolic link to " + path
                    + ", whose folder does not exist; make it, or name a file");
        }
        if (Files.exists(path)
                && Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
            refuseBlockDevice(path, target);
            return new Destination(path, true, List.of(StandardOpenOption.WRITE));
        }
        return new Destination(path, false, List.of());
    }

    private static boolean isOpenFile(Path link) throws IOException {
        Path parent = link.getParent().toRealPath();
        return parent.startsWith("/proc") || parent.startsWith("/dev/fd");
    }

    /** Reads the file type from the Unix mode; Java itself does not distinguish block and character devices. */
    private static void refuseBlockDevice(Path path, Path target) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode
                && (mode & FILE_TYPE_MASK) == BLOCK_DEVICE) {
            throw new PreceptorException(target + ": is a block device; name a file");
        }
    }

    /** The options for opening a device or named pipe. */
    OpenOption[] options() {
        return optionList.toArray(OpenOption[]::new);
    }
}
