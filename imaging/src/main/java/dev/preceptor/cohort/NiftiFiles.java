package dev.preceptor.cohort;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Unfetched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The NIfTI files below a folder, by name, to a depth of six. Links to folders are followed, but each real folder is
 * visited once, and links to a folder above the root are not followed. A folder that has the name of a NIfTI file, as
 * Kaggle unpacks them, stands for the one file in it.
 */
final class NiftiFiles {
    private static final int DEPTH = 6;
    /** System folders that only an administrator may list. */
    private static final Set<String> SYSTEM_FOLDERS =
            Set.of("lost+found", "system volume information", "$recycle.bin", "@eadir");

    /**
     * A NIfTI file.
     *
     * @param path the file to read
     * @param folder the folder in which its name is
     * @param stem the name without extension, in Unicode's composed form (NFC)
     * @param fault why the file cannot be read, as far as that is known without reading it
     */
    record NamedFile(Path path, Path folder, String stem, Optional<String> fault) {}

    /** A folder below the root that cannot be listed. */
    record UnlistableFolder(Path folder, String fault) {}

    private final Path root;
    private final Path realRoot;
    private final Set<Path> seen = new HashSet<>();
    private final Deque<FolderAtDepth> links = new ArrayDeque<>();
    private final List<NamedFile> files = new ArrayList<>();
    private final List<UnlistableFolder> unlistable = new ArrayList<>();
    private final List<UnusedFile> others = new ArrayList<>();

    private record FolderAtDepth(Path folder, int depth) {}

    private NiftiFiles(Path root) {
        this.root = root;
        this.realRoot = real(root);
    }

    /**
     * Walks the folder.
     *
     * @throws InvalidFileException if the folder itself cannot be listed
     */
    static NiftiFiles below(Path root) {
        NiftiFiles walk = new NiftiFiles(root);
        walk.visit(new FolderAtDepth(root, 0));
        // Links come last, so that a folder inside the root is reported by its real path.
        while (!walk.links.isEmpty()) {
            walk.visit(walk.links.remove());
        }
        return walk;
    }

    List<NamedFile> files() {
        return files;
    }

    List<UnlistableFolder> unlistable() {
        return unlistable;
    }

    /** Files and folders that are left out whatever their names are. */
    List<UnusedFile> others() {
        return others;
    }

    private void visit(FolderAtDepth visited) {
        Path real = real(visited.folder);
        boolean isAbove = visited.depth > 0 && realRoot.startsWith(real);
        if (isAbove || !seen.add(real)) {
            return;
        }
        List<Path> entries;
        try {
            entries = entries(visited.folder);
        } catch (InvalidFileException e) {
            if (visited.depth == 0) {
                throw e;
            }
            cannotList(visited.folder, e);
            return;
        }
        for (Path entry : entries) {
            Optional<NamedFile> file = entry(entry);
            if (file.isPresent()) {
                files.add(file.get());
            } else if (isPair(entry)) {
                others.add(new UnusedFile(entry, "is a pair of .hdr and .img; convert it to one .nii.gz file"));
            } else if (Files.isDirectory(entry) && visited.depth < DEPTH) {
                FolderAtDepth child = new FolderAtDepth(entry, visited.depth + 1);
                if (Files.isSymbolicLink(entry)) {
                    links.add(child);
                } else {
                    visit(child);
                }
            }
        }
    }

    private void cannotList(Path folder, InvalidFileException e) {
        String fault = "cannot be listed: " + reason(e);
        if (SYSTEM_FOLDERS.contains(folder.getFileName().toString().toLowerCase(Locale.ROOT))) {
            others.add(new UnusedFile(folder, fault));
        } else {
            unlistable.add(new UnlistableFolder(
                    folder,
                    "folder " + root.relativize(folder) + " " + fault + "; make it readable or move it elsewhere"));
        }
    }

    private static String reason(InvalidFileException e) {
        return e.getCause() instanceof IOException cause ? AtomicFiles.reason(cause) : e.getMessage();
    }

    /**
     * The file for a path that has the name of a NIfTI file, which may be a folder with one such file in it; empty for any
     * other path.
     */
    static Optional<NamedFile> entry(Path path) {
        return stem(path).map(stem -> {
            Path folder = path.toAbsolutePath().getParent();
            if (!Files.isDirectory(path)) {
                return new NamedFile(
                        path, folder, stem, Unfetched.reason(path).map(fault -> path.getFileName() + " " + fault));
            }
            List<Path> inside;
            try {
                inside = entries(path).stream().filter(p -> stem(p).isPresent()).toList();
            } catch (InvalidFileException e) {
                return new NamedFile(
                        path, folder, stem, Optional.of(path.getFileName() + " cannot be listed: " + reason(e)));
            }
            if (inside.size() == 1) {
                Path file = inside.get(0);
                return new NamedFile(
                        file, folder, stem, Unfetched.reason(file).map(fault -> file.getFileName() + " " + fault));
            }
            return new NamedFile(
                    path,
                    folder,
                    stem,
                    Optional.of(path.getFileName()
                            + (inside.isEmpty()
                                    ? " is a folder that holds no NIfTI file"
                                    : " is a folder that holds " + inside.size() + " NIfTI files, "
                                            + inside.get(0).getFileName() + " and "
                                            + inside.get(1).getFileName() + "; leave one of them")));
        });
    }

    /** The entries of a folder that are not hidden, sorted by name. */
    static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> !p.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new InvalidFileException(folder, "cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }

    /** The name of a NIfTI file without its extension, in Unicode's composed form; empty for any other name. */
    static Optional<String> stem(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        for (String extension : List.of(".nii.gz", ".nii")) {
            if (lower.endsWith(extension) && name.length() > extension.length()) {
                return Optional.of(composed(name.substring(0, name.length() - extension.length())));
            }
        }
        return Optional.empty();
    }

    /** A name in Unicode's composed form (NFC); macOS stores names in decomposed form. */
    static String composed(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    private static boolean isPair(Path header) {
        String name = header.getFileName().toString();
        return name.toLowerCase(Locale.ROOT).endsWith(".hdr")
                && Files.isRegularFile(header)
                && Files.isRegularFile(header.resolveSibling(name.substring(0, name.length() - 4) + ".img"));
    }

    /** The path of a file or folder with links resolved. */
    static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }
}
