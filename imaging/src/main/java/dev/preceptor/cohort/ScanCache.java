package dev.preceptor.cohort;

import dev.preceptor.base.Parallel;
import dev.preceptor.base.Sha256;
import dev.preceptor.base.UserCache;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A private cache of what reading a cohort finds: statistics, hashes and warnings, and the values of label maps that determine its label
 * schema; no voxels. The second command on a cohort reads only the subjects whose files are new or changed, see {@link SubjectStamp}. There
 * are files for each cohort folder, with a checksum; a damaged one is reported and made anew. Subjects with errors are never kept.
 *
 * <p>A change is not seen if it leaves path, size, file number and times as they were. On a Unix file system nobody but the administrator
 * can do that; on others (FAT, some network file systems) a program can that sets the time of a file after it has changed it.
 */
public final class ScanCache {
    /** Keeps nothing. */
    public static final ScanCache NONE = new ScanCache(Optional.empty(), line -> {}, Duration.ZERO, 0);

    /** Part of every file: raise it when a scan finds something else in the same files. */
    static final int FORMAT = 2;

    private static final int VALUES_FORMAT = 1;

    /** A file that is changed again within the resolution of its file system's clock would look unchanged. */
    private static final Duration SETTLED = Duration.ofSeconds(2);
    /** Reading less takes no time. */
    private static final long LEAST_BYTES = 1 << 18;

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
        private final CacheFile file;
        private final Map<String, Object> entries;
        private volatile boolean isChanged;

        private Known(CacheFile file) {
            this.file = file;
            this.entries = new ConcurrentHashMap<>(file.read());
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
                notices.accept(
                        file.path() + ": the entry of " + subject.id() + " is damaged; the subject is read again");
                return Optional.empty();
            }
        }

        /** Writes what is new. */
        void write() {
            if (isChanged) {
                file.write(entries);
            }
        }
    }

    /** What is known of a cohort; empty if nothing can be kept. */
    Optional<Known> of(Cohort cohort) {
        boolean isSmall = cohort.subjects().stream()
                .allMatch(subject -> SubjectStamp.of(subject, List.of())
                        .map(stamp -> stamp.bytes() < leastBytes)
                        .orElse(true));
        return isSmall ? Optional.empty() : file(cohort.root(), "scans", FORMAT).map(Known::new);
    }

    private Optional<CacheFile> file(Path root, String kind, int format) {
        return folder.flatMap(used -> CacheFile.of(used, root, kind, format, notices));
    }

    /**
     * The label values of the label maps of a cohort, for whose sake alone the second command on it would read them again.
     *
     * @param root the folder of the cohort
     * @param files the label maps
     * @param reader reads the values of a file, on several threads
     * @return the values of each file, in their order
     */
    List<Set<Integer>> labelValues(Path root, List<Path> files, Function<Path, Set<Integer>> reader) {
        Map<Path, FileStamp> stamps = new HashMap<>();
        for (Path labels : files) {
            try {
                stamps.put(labels, FileStamp.of(labels));
            } catch (IOException e) {
                // The reader reports it.
                continue;
            }
        }
        boolean isSmall = stamps.values().stream().mapToLong(FileStamp::bytes).sum() < leastBytes;
        Optional<CacheFile> file = isSmall ? Optional.empty() : file(root, "values", VALUES_FORMAT);
        Map<String, JsonNode> known = file.map(CacheFile::read).orElse(Map.of());
        Map<String, Object> kept = new ConcurrentHashMap<>();
        AtomicBoolean isChanged = new AtomicBoolean();
        Instant limit = Instant.now().minus(settled);
        List<Set<Integer>> values = Parallel.map(files, Runtime.getRuntime().availableProcessors(), labels -> {
            FileStamp stamp = stamps.get(labels);
            if (file.isEmpty() || stamp == null) {
                return reader.apply(labels);
            }
            String key = Sha256.of(stamp.text());
            Optional<Set<Integer>> before = Optional.ofNullable(known.get(key)).flatMap(ScanCache::values);
            before.ifPresent(found -> kept.put(key, found));
            return before.orElseGet(() -> {
                Set<Integer> read = reader.apply(labels);
                // Nothing is known of a file without values, which may be damaged.
                if (!read.isEmpty() && !stamp.changed().isAfter(limit)) {
                    kept.put(key, new TreeSet<>(read));
                    isChanged.set(true);
                }
                return read;
            });
        });
        if (isChanged.get()) {
            file.ifPresent(written -> written.write(kept));
        }
        return values;
    }

    private static Optional<Set<Integer>> values(JsonNode entry) {
        Set<Integer> values = new TreeSet<>();
        for (JsonNode value : entry) {
            if (!value.isInt()) {
                return Optional.empty();
            }
            values.add(value.intValue());
        }
        return entry.isArray() ? Optional.of(values) : Optional.empty();
    }
}
