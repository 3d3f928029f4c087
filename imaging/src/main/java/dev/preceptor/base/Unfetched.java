package dev.preceptor.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Recognises files whose content is elsewhere: links to nothing, as git-annex and DataLad leave them, and the small pointer
 * files of git-annex and Git LFS. Stateless.
 */
public final class Unfetched {
    private static final int LARGEST_POINTER = 1024;

    private Unfetched() {}

    /**
     * Why the content of a file is not there.
     *
     * @param file a file, a link or a path that does not exist
     * @return a phrase with the remedy that follows the name of the file; empty if nothing speaks against reading it
     */
    public static Optional<String> reason(Path file) {
        if (Files.isSymbolicLink(file) && !Files.exists(file)) {
            return Optional.of(
                    "is a link to nothing; fetch the file with \"datalad get\" or \"git annex get\" if it belongs to"
                            + " git-annex or DataLad, else restore what the link points to or remove it");
        }
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_POINTER) {
                return Optional.empty();
            }
            String start = start(file);
            if (start.startsWith("/annex/objects/")) {
                return Optional.of("is a pointer of git-annex, not the file itself; fetch it with \"datalad get\" or"
                        + " \"git annex get\"");
            }
            return start.startsWith("version https://git-lfs")
                    ? Optional.of("is a pointer of Git LFS, not the file itself; fetch it with \"git lfs pull\"")
                    : Optional.empty();
        } catch (IOException e) {
            // Whoever reads the file reports this.
            return Optional.empty();
        }
    }

    private static String start(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(32), StandardCharsets.ISO_8859_1);
        }
    }
}
