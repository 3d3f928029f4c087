package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Which file of a pair is which, by name. */
final class NiftiPath {
    private NiftiPath() {}

    /** The file with the header: the file itself, or for an {@code .img} the {@code .hdr} beside it. */
    static Path header(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".img") || lower.endsWith(".img.gz")) {
            return sibling(file, ".hdr");
        }
        return file;
    }

    /** The file with the voxels beside a header. */
    static Path data(Path headerFile) {
        return sibling(headerFile, ".img");
    }

    /** The name under which one half of a pair is written, given the name of either. */
    static Path half(Path file, String extension) {
        String name = file.getFileName().toString();
        boolean gzip = isGzip(file);
        return file.resolveSibling(stem(name) + extension + (gzip ? ".gz" : ""));
    }

    /** Whether this name asks for a pair. */
    static boolean isPair(Path file) {
        String lower = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return lower.matches(".*\\.(hdr|img)(\\.gz)?");
    }

    /** Whether this name asks for compression. */
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
