package dev.preceptor.nifti;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.NiftiName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Derives the names of the files of a pair. Stateless. */
final class NiftiPath {
    private NiftiPath() {}

    /** The header file: the file itself, or for an {@code .img} file the {@code .hdr} file beside it. */
    static Path header(Path file) {
        String lower = NiftiName.lower(file);
        if (lower.endsWith(".img") || lower.endsWith(".img.gz")) {
            return sibling(file, ".hdr");
        }
        return file;
    }

    /** The data file beside a header file. */
    static Path data(Path headerFile) {
        return sibling(headerFile, ".img");
    }

    /** The files of an image that exist, given any of them. */
    static List<Path> files(Path file) {
        Path header = file;
        if (NiftiName.isHalf(file)) {
            header = existing(file, ".hdr").orElse(file);
        }
        Path first = header;
        return existing(header, ".img")
                .filter(data -> !data.equals(first))
                .map(data -> List.of(first, data))
                .orElse(List.of(first));
    }

    /** The name for writing one file of a pair, given the name of either. */
    static Path half(Path file, String extension) {
        String name = file.getFileName().toString();
        boolean gzip = isGzip(file);
        return file.resolveSibling(stem(name) + extension + (gzip ? ".gz" : ""));
    }

    /** Whether the name is that of a compressed file. */
    static boolean isGzip(Path file) {
        return NiftiName.lower(file).endsWith(".gz");
    }

    private static Path sibling(Path file, String extension) {
        return existing(file, extension)
                .orElseThrow(() -> new InvalidFileException(
                        file,
                        "is one half of a pair, but there is no "
                                + half(file, extension).getFileName() + " beside it"));
    }

    private static Optional<Path> existing(Path file, String extension) {
        String stem = stem(file.getFileName().toString());
        return Stream.of(
                        half(file, extension),
                        file.resolveSibling(stem + extension),
                        file.resolveSibling(stem + extension + ".gz"))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static String stem(String name) {
        String plain = name.toLowerCase(Locale.ROOT).endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        int dot = plain.lastIndexOf('.');
        return dot < 0 ? plain : plain.substring(0, dot);
    }
}
