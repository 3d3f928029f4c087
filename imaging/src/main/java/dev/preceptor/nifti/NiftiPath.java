package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Derives the names of the files of a pair. Stateless. */
final class NiftiPath {
    private NiftiPath() {}

    /** The header file: the file itself, or for an {@code .img} file the {@code .hdr} file beside it. */
    static Path header(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".img") || lower.endsWith(".img.gz")) {
            return sibling(file, ".hdr");
        }
        return file;
    }

    /** The data file beside a header file. */
    static Path data(Path headerFile) {
        return sibling(headerFile, ".img");
    }

    /** The name for writing one file of a pair, given the name of either. */
    static Path half(Path file, String extension) {
        String name = file.getFileName().toString();
        boolean gzip = isGzip(file);
        return file.resolveSibling(stem(name) + extension + (gzip ? ".gz" : ""));
    }

    /** Whether the name is that of a pair. */
    static boolean isPair(Path file) {
        String lower = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return lower.matches(".*\\.(hdr|img)(\\.gz)?");
    }

    /** Whether the name is that of a compressed file. */
    static boolean isGzip(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".gz");
    }

    private static Path sibling(Path file, String extension) {
        Path same = half(file, extension);
        String stem = stem(file.getFileName().toString());
        for (Path candidate :
                new Path[] {same, file.resolveSibling(stem + extension), file.resolveSibling(stem + extension + ".gz")
                }) {
            if (Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        throw new InvalidFileException(
                file, "is one half of a pair, but there is no " + same.getFileName() + " beside it");
    }

    private static String stem(String name) {
        String plain = name.toLowerCase(Locale.ROOT).endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        int dot = plain.lastIndexOf('.');
        return dot < 0 ? plain : plain.substring(0, dot);
    }
}
