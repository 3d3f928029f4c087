package dev.preceptor.cohort;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.PrivateFolder;
import dev.preceptor.base.Reason;
import dev.preceptor.base.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A file of {@link ScanCache}: a JSON object below a line with what it is, the format and a checksum, in a folder that only this user can
 * write to. A damaged file counts as empty.
 */
final class CacheFile {
    private static final Duration UNUSED = Duration.ofDays(180);
    private static final int MOST_CHARACTERS = 60 << 20;

    private final Path path;
    private final String title;
    private final int format;
    private final Consumer<String> notices;

    private CacheFile(Path path, String title, int format, Consumer<String> notices) {
        this.path = path;
        this.title = title;
        this.format = format;
        this.notices = notices;
    }

    /**
     * The file of a cohort; empty, with a notice, if the folder cannot be used.
     *
     * @param folder of the files, created if it does not exist
     * @param root the folder of the cohort
     * @param kind such as {@code scans}: part of the name and of the first line
     * @param format raise it when the entries mean something else
     * @param notices receives a line for each reason why nothing is kept or the file is replaced
     */
    static Optional<CacheFile> of(Path folder, Path root, String kind, int format, Consumer<String> notices) {
        Path real;
        try {
            PrivateFolder.create(folder);
            real = root.toRealPath();
        } catch (IOException e) {
            notices.accept(folder + ": " + Reason.of(e) + "; the statistics of the cohort are not kept");
            return Optional.empty();
        }
        Optional<String> objection = PrivateFolder.objection(folder);
        if (objection.isPresent()) {
            notices.accept(
                    folder + ": the statistics of cohorts that are kept there are not used because " + objection.get());
            return Optional.empty();
        }
        Path path = folder.resolve(Sha256.of(real.toString()).substring(0, 16) + "." + kind);
        return Optional.of(new CacheFile(path, "preceptor cohort " + kind + " ", format, notices));
    }

    Path path() {
        return path;
    }

    /** The entries; none if there is no file of this format. */
    Map<String, JsonNode> read() {
        Map<String, JsonNode> entries = new TreeMap<>();
        if (Files.notExists(path)) {
            return entries;
        }
        try {
            String text = Files.readString(path);
            int end = text.indexOf('\n') + 1;
            String body = text.substring(end);
            if (!text.startsWith(title + format + " ") && text.startsWith(title)) {
                return entries;
            }
            if (text.substring(0, end).equals(heading(body))) {
                JsonFiles.parse(body).properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
                Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
                return entries;
            }
            notices.accept(path + ": is damaged; the cohort is read again");
        } catch (IOException | PreceptorException e) {
            notices.accept(path + ": cannot be read: " + Reason.of(e) + "; the cohort is read again");
        }
        return new TreeMap<>();
    }

    /** Replaces all entries. */
    void write(Map<String, ?> entries) {
        String body = JsonFiles.text(new TreeMap<>(entries));
        if (body.length() > MOST_CHARACTERS) {
            notices.accept(path + ": the cohort has too many subjects; its statistics are not kept");
            return;
        }
        try {
            AtomicFiles.writeString(path, heading(body) + body);
            removeUnused();
        } catch (PreceptorException e) {
            notices.accept(e.getMessage() + "; the statistics of the cohort are not kept");
        }
    }

    private String heading(String body) {
        return title + format + " " + Sha256.of(body) + "\n";
    }

    private void removeUnused() {
        String ending = path.toString().substring(path.toString().lastIndexOf('.'));
        try (Stream<Path> files = Files.list(path.getParent())) {
            Instant limit = Instant.now().minus(UNUSED);
            for (Path file : files.filter(f -> f.toString().endsWith(ending)).toList()) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            // Another process removes the same files; the next write tries again.
        }
    }
}
