package dev.preceptor.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Recognises files whose content has not been downloaded: broken links, as git-annex and DataLad leave them, and the
 * small pointer files of git-annex and Git LFS. Stateless, thread-safe.
 */
public final class Unfetched {
    private static final int MAX_POINTER_BYTES = 1024;

    private Unfetched() {}

    /**
     * Why the content of a file is missing.
     *
     * @param file a file, a link or a path that does not exist
     * @return a phrase with the remedy, to be read after the name of the file; empty if the file can be read
     */
    public static Optional<String> reason(Path file) {
        if (Files.isSymbolicLink(file) && !Files.exists(file)) {
            return Optional.of(
                    "is a link to nothing; fetch the file with \"datalad get\" or \"git annex get\" if it belongs to"
                            + " git-annex or DataLad, else restore what the link points to or remove it");
        }
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_POINTER_BYTES) {
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
            // The code that reads the file reports the error.
            return Optional.empty();
        }
    }

    private static String start(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(32), StandardCharsets.ISO_8859_1);
        }
    }
}
