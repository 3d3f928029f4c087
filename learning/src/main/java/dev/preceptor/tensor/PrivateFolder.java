package dev.preceptor.tensor;

import dev.preceptor.base.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A folder in which nobody but this user and the administrator can place, alter or exchange files: code may be loaded from it.
 * Checked where the file system has Unix owners and modes; elsewhere (Windows) the profile of the user is taken as private.
 * Stateless.
 */
final class PrivateFolder {
    private static final int STICKY = 01000;
    private static final int GROUP_WRITES = 0020;
    private static final int OTHERS_WRITE = 0002;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private PrivateFolder() {}

    /**
     * Makes a folder and its parents, for this user alone, if it is absent, and tries it with a file.
     *
     * @throws IOException if it cannot be made or written
     */
    static void make(Path folder) throws IOException {
        if (isUnix(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            Files.createDirectories(folder);
        }
        Files.delete(Files.createTempFile(folder, ".try-", ""));
    }

    /**
     * What keeps a folder from being private, to be read after "it is refused: "; nothing if it is.
     *
     * @param folder an absolute folder that this user can write
     */
    static Optional<String> objection(Path folder) {
        if (!isUnix(folder)) {
            return Optional.empty();
        }
        try {
            int self = self(folder);
            // Who owns the root of the file system could exchange everything in it.
            Set<Integer> trusted = Set.copyOf(List.of(self, 0, uid(folder.getRoot())));
            for (Path link = folder; link != null; link = link.getParent()) {
                if (Files.isSymbolicLink(link) && !trusted.contains(uid(link))) {
                    return Optional.of("the link " + link + " belongs to another user");
                }
            }
            Path real = folder.toRealPath();
            for (Path part = real; part != null; part = part.getParent()) {
                if (!trusted.contains(uid(part))) {
                    return Optional.of((part.equals(real) ? "it" : part) + " belongs to another user");
                }
                if (isWritableByOthers(part, part.equals(real))) {
                    return Optional.of((part.equals(real) ? "it" : part) + " can be written by other users (mode "
                            + Integer.toOctalString(mode(part) & 07777) + ")");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("its owner cannot be determined, " + Reason.of(e));
        }
    }

    /** Whether this user owns a folder that nobody else can even read. */
    static boolean isOwnersAlone(Path folder) throws IOException {
        return !isUnix(folder) || (uid(folder) == self(folder) && (mode(folder) & 0077) == 0);
    }

    /** In a folder with the sticky bit, /tmp for instance, only the owner of an entry can rename or remove it. */
    private static boolean isWritableByOthers(Path part, boolean isLast) throws IOException {
        int mode = mode(part);
        if (!isLast && (mode & STICKY) != 0) {
            return false;
        }
        return (mode & OTHERS_WRITE) != 0 || ((mode & GROUP_WRITES) != 0 && !hasGroupOfItsOwner(part));
    }

    /** Many systems give each user a group of the same name, with nobody else in it, and let it write. */
    private static boolean hasGroupOfItsOwner(Path part) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(part, PosixFileAttributes.class);
        return attributes.owner().getName().equals(attributes.group().getName());
    }

    /** The user as whom files are made: Java knows the number of a user only from a file. */
    private static int self(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, ".try-", "");
        try {
            return uid(file);
        } finally {
            Files.delete(file);
        }
    }

    private static int uid(Path path) throws IOException {
        return number(path, "uid");
    }

    private static int mode(Path path) throws IOException {
        return number(path, "mode");
    }

    private static int number(Path path, String attribute) throws IOException {
        Map<String, Object> found = Files.readAttributes(path, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
        return (Integer) found.get(attribute);
    }

    static boolean isUnix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix");
    }
}
