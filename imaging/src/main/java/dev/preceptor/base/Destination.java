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
 * Where the bytes for a target go.
 *
 * @param path the file that is replaced, absolute and no link; or the device or pipe that is opened
 * @param isStream whether it is opened and written to, because another file in its place would not be it
 * @param optionList how it is opened then
 */
record Destination(Path path, boolean isStream, List<StandardOpenOption> optionList) {
    private static final int MOST_LINKS = 40;
    private static final int KIND = 0170000;
    private static final int BLOCK_DEVICE = 0060000;

    /**
     * Follows links and looks what is there.
     *
     * @throws PreceptorException if nothing can be written there
     */
    static Destination of(Path target) throws IOException {
        Path path = target.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(path); links++) {
            if (isOpenFile(path)) {
                // The name of an open file, /dev/stdout for instance: whoever holds it open would not see a
                // replacement.
                return new Destination(path, true, List.of(StandardOpenOption.WRITE, StandardOpenOption.APPEND));
            }
            if (links == MOST_LINKS) {
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
            requireNoDisk(path, target);
            return new Destination(path, true, List.of(StandardOpenOption.WRITE));
        }
        return new Destination(path, false, List.of());
    }

    private static boolean isOpenFile(Path link) throws IOException {
        Path parent = link.getParent().toRealPath();
        return parent.startsWith("/proc") || parent.startsWith("/dev/fd");
    }

    /** The kind of a file stands in its Unix mode. */
    private static void requireNoDisk(Path path, Path target) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode
                && (mode & KIND) == BLOCK_DEVICE) {
            throw new PreceptorException(target + ": is a disk, which is not written to; name a file");
        }
    }

    /** How a device or pipe is opened. */
    OpenOption[] options() {
        return optionList.toArray(OpenOption[]::new);
    }
}
