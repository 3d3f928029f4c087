package dev.preceptor.cohort;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.PrivateFolder;
import dev.preceptor.base.Reason;
import dev.preceptor.base.Sha256;
import dev.preceptor.base.UserCache;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A private cache of what reading a cohort finds: statistics, hashes and warnings, no voxels. The second command on a cohort reads only
 * the subjects whose files are new or changed, see {@link SubjectStamp}. There is a file for each cohort folder, with a checksum; a damaged
 * one is reported and made anew. Subjects with errors are never kept.
 *
 * <p>A change is not seen if it leaves path, size, file number and times as they were. On a Unix file system nobody but the administrator
 * can do that; on others (FAT, some network file systems) a program can that sets the time of a file after it has changed it.
 */
public final class ScanCache {
    /** Keeps nothing. */
    public static final ScanCache NONE = new ScanCache(Optional.empty(), line -> {}, Duration.ZERO, 0);

    /** Part of every file: raise it when a scan finds something else in the same files. */
    static final int FORMAT = 1;

    private static final String NAME = ".scans";
    private static final String TITLE = "preceptor cohort scans ";
    /** A file that is changed again within the resolution of its file system's clock would look unchanged. */
    private static final Duration SETTLED = Duration.ofSeconds(2);
    /** Reading less takes no time. */
    private static final long LEAST_BYTES = 1 << 18;

    private static final Duration UNUSED = Duration.ofDays(180);
    private static final int MOST_CHARACTERS = 60 << 20;

    private final Optional<Path> folder;
    private final Consumer<String> notices;
    private final Duration settled;
    private final long leastBytes;

    /**
     * @param folder of the files; empty to keep nothing
     * @param notices receives a line for each reason why nothing is kept or a file is replaced
     * @param settled how long ago the files of a subject must have been changed
     * @param leastBytes the smallest subject that is kept
     */
    ScanCache(Optional<Path> folder, Consumer<String> notices, Duration settled, long leastBytes) {
        this.folder = folder;
        this.notices = notices;
        this.settled = settled;
        this.leastBytes = leastBytes;
    }

    /**
     * The cache of this user, {@code preceptor/cohorts} in {@code XDG_CACHE_HOME} or {@code ~/.cache}. It is not used if it cannot be
     * written, or if another user could write to it.
     *
     * @param notices receives a line for each reason why nothing is kept or a file is replaced
     */
    public static ScanCache ofUser(Consumer<String> notices) {
        return new ScanCache(
                UserCache.folder("cohorts", System::getenv, System::getProperty), notices, SETTLED, LEAST_BYTES);
    }

    /** What is known of the subjects of a cohort. Thread-safe. */
    final class Known {
        private final Path file;
        private final Map<String, Object> entries = new ConcurrentHashMap<>();
        private volatile boolean isChanged;

        private Known(Path file) {
            this.file = file;
        }

        /** The scan of a subject: the one that is known, or a new one. */
        SubjectScan scan(Subject subject, List<Sequence> expected, ScanObserver observer) {
            Optional<SubjectStamp> stamp = SubjectStamp.of(subject, expected).filter(s -> s.bytes() >= leastBytes);
            if (observer == ScanObserver.NONE) {
                Optional<SubjectScan> known = stamp.flatMap(s -> find(s, subject));
                if (known.isPresent()) {
                    return known.get();
                }
            }
            Instant limit = Instant.now().minus(settled);
            SubjectScan scan = SubjectScan.of(subject, expected, observer);
            stamp.filter(s -> !s.changed().isAfter(limit))
                    .filter(s -> scan.problems().stream().noneMatch(Problem::unusable))
                    .filter(s -> Optional.of(s).equals(SubjectStamp.of(subject, expected)))
                    .ifPresent(s -> {
                        entries.put(subject.id(), ScanEntry.toMap(s, scan));
                        isChanged = true;
                    });
            return scan;
        }

        private Optional<SubjectScan> find(SubjectStamp stamp, Subject subject) {
            if (!(entries.get(subject.id()) instanceof JsonNode entry)) {
                return Optional.empty();
            }
            try {
                return entry.required("stamp").asString().equals(stamp.hash())
                        ? Optional.of(ScanEntry.read(entry, subject))
                        : Optional.empty();
            } catch (RuntimeException e) {
                notices.accept(file + ": the entry of " + subject.id() + " is damaged; the subject is read again");
                return Optional.empty();
            }
        }

        /** Writes what is new. */
        void write() {
            if (!isChanged) {
                return;
            }
            String body = JsonFiles.text(new TreeMap<>(entries));
            if (body.length() > MOST_CHARACTERS) {
                notices.accept(file + ": the cohort has too many subjects; its statistics are not kept");
                return;
            }
            try {
                AtomicFiles.writeString(file, title(body) + body);
                removeUnused(file.getParent());
            } catch (PreceptorException e) {
                notices.accept(e.getMessage() + "; the statistics of the cohort are not kept");
            }
        }
    }

    /** What is known of a cohort; empty if nothing can be kept. */
    Optional<Known> of(Cohort cohort) {
        boolean isSmall = cohort.subjects().stream()
                .allMatch(subject -> SubjectStamp.of(subject, List.of())
                        .map(stamp -> stamp.bytes() < leastBytes)
                        .orElse(true));
        if (folder.isEmpty() || isSmall) {
            return Optional.empty();
        }
        Path used = folder.get();
        Path root;
        try {
            PrivateFolder.create(used);
            root = cohort.root().toRealPath();
        } catch (IOException e) {
            notices.accept(used + ": " + Reason.of(e) + "; the statistics of the cohort are not kept");
            return Optional.empty();
        }
        Optional<String> objection = PrivateFolder.objection(used);
        if (objection.isPresent()) {
            notices.accept(
                    used + ": the statistics of cohorts that are kept there are not used because " + objection.get());
            return Optional.empty();
        }
        Known known = new Known(used.resolve(Sha256.of(root.toString()).substring(0, 16) + NAME));
        read(known.file).forEach(known.entries::put);
        return Optional.of(known);
    }

    private Map<String, JsonNode> read(Path file) {
        Map<String, JsonNode> entries = new TreeMap<>();
        if (Files.notExists(file)) {
            return entries;
        }
        try {
            String text = Files.readString(file);
            int end = text.indexOf('\n') + 1;
            String body = text.substring(end);
            if (!text.startsWith(TITLE + FORMAT + " ") && text.startsWith(TITLE)) {
                return entries;
            }
            if (text.substring(0, end).equals(title(body))) {
                JsonFiles.parse(body).properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
                return entries;
            }
            notices.accept(file + ": is damaged; the cohort is read again");
        } catch (IOException | PreceptorException e) {
            notices.accept(file + ": cannot be read: " + Reason.of(e) + "; the cohort is read again");
        }
        return new TreeMap<>();
    }

    private static String title(String body) {
        return TITLE + FORMAT + " " + Sha256.of(body) + "\n";
    }

    private static void removeUnused(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            Instant limit = Instant.now().minus(UNUSED);
            for (Path file : files.filter(f -> f.toString().endsWith(NAME)).toList()) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            // Another process removes the same files; the next write tries again.
        }
    }
}
