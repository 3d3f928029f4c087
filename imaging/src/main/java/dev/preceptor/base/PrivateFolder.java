package dev.preceptor.base;

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
 * Checks that only this user and the administrator can create, change or replace files in a folder, so that code may be loaded
 * from it and results trusted in it. Needs a file system with Unix owners and modes; elsewhere (Windows) every folder passes. Stateless.
 */
public final class PrivateFolder {
    private static final int STICKY = 01000;
    private static final int GROUP_WRITES = 0020;
    private static final int OTHERS_WRITE = 0002;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private PrivateFolder() {}

    /**
     * Creates a folder and its parents with access for this user only, if it does not exist, and tests it by creating a file.
     *
     * @throws IOException if the folder cannot be created or written to
     */
    public static void create(Path folder) throws IOException {
        if (isUnix(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            Files.createDirectories(folder);
        }
        Files.delete(Files.createTempFile(folder, ".try-", ""));
    }

    /**
     * The reason why a folder is not private, in words that follow "because"; empty if the folder is private.
     *
     * @param folder an absolute folder that this user can write to
     */
    public static Optional<String> objection(Path folder) {
        if (!isUnix(folder)) {
            return Optional.empty();
        }
        try {
            int self = self(folder);
            // The owner of the root could replace everything below it.
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
            return Optional.of("its owner cannot be determined: " + Reason.of(e));
        }
    }

    /** Whether this user owns the folder and no other user has any permission for it. */
    public static boolean isAccessibleToOwnerOnly(Path folder) throws IOException {
        return !isUnix(folder) || (uid(folder) == self(folder) && (mode(folder) & 0077) == 0);
    }

    /** In a folder with the sticky bit, such as /tmp, only the owner of an entry can rename or delete it. */
    private static boolean isWritableByOthers(Path part, boolean isLast) throws IOException {
        int mode = mode(part);
        if (!isLast && (mode & STICKY) != 0) {
            return false;
        }
        return (mode & OTHERS_WRITE) != 0 || ((mode & GROUP_WRITES) != 0 && !hasPrivateGroup(part));
    }

    /** Many systems give each user a group of the same name without other members, and give it write permission. */
    private static boolean hasPrivateGroup(Path part) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(part, PosixFileAttributes.class);
        return attributes.owner().getName().equals(attributes.group().getName());
    }

    /** The ID of the user who owns new files: Java reads a user's ID only from a file. */
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
        Map<String, Object> attributes = Files.readAttributes(path, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS);
        return (Integer) attributes.get(attribute);
    }

    /** Whether the file system has Unix owners and modes. */
    public static boolean isUnix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("unix");
    }
}
