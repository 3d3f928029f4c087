package dev.preceptor.store;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.data.Sample;
import dev.preceptor.data.SampleFile;
import dev.preceptor.data.Samples;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A cache of preprocessed subjects. Each subject is preprocessed once, written to a file of the cache folder and
 * memory-mapped, so that a cohort may be larger than memory. If the folder cannot be written, entries that exist are used, and other
 * samples are kept in memory as long as they fit and are preprocessed again otherwise. Thread-safe; different subjects are preprocessed in parallel.
 *
 * <p>At the first access to a subject its source files and its cache entry are read and hashed. An entry that was made from
 * other files, or whose checksum is wrong, is reported and replaced. Later accesses do not check the entry again. An entry
 * that is truncated while it is mapped is replaced, and the work that read it is repeated.
 */
public final class SampleStore {
    /** Bytes of the disk that the cache leaves free for checkpoints and models. */
    private static final long RESERVE = 2L << 30;

    private static final int MAX_REPETITIONS = 3;

    /** Subjects that are preprocessed between two questions whether to stop, at least. */
    private static final int GROUP = 12;

    private record Mapped(Sample sample, Path file, long bytes) {
        boolean isTruncated() {
            try {
                return Files.size(file) < bytes;
            } catch (IOException e) {
                // A removed file stays readable through its mapping.
                return false;
            }
        }
    }

    private final List<Sequence> sequences;
    private final Recipe recipe;
    private final Path cache;
    private final long capacity;
    private final Map<String, Object> locks = new ConcurrentHashMap<>();
    private final Map<String, Mapped> mapped = new ConcurrentHashMap<>();
    /** Subjects whose entry is missing or wrong and could not be written: the cache is not asked for them again. */
    private final Set<String> withoutEntry = ConcurrentHashMap.newKeySet();
    /** Number of entries that were truncated while they were mapped. */
    private final AtomicLong truncations = new AtomicLong();

    private final LinkedHashMap<String, Sample> inMemory = new LinkedHashMap<>(16, 0.75f, true);
    private final Queue<String> notices = new ConcurrentLinkedQueue<>();
    private volatile boolean writable = true;
    private long inMemoryBytes;

    /**
     * @param recipe the sequences and the preprocessing
     * @param cache the folder of the entries, which may be missing
     * @param capacity bytes of samples that are kept in memory if the cache cannot be written
     */
    public SampleStore(Recipe recipe, Path cache, long capacity) {
        this.recipe = recipe;
        this.sequences = recipe.sequences();
        this.cache = cache;
        this.capacity = capacity;
        AtomicFiles.sweep(cache);
    }

    /**
     * The preprocessed subject.
     *
     * @throws PreceptorException if a sequence or the labels are unreadable, or the subject has none of the sequences
     */
    Sample sample(Subject subject) {
        Mapped entry = mapped.get(subject.id());
        if (entry != null) {
            return entry.sample();
        }
        synchronized (locks.computeIfAbsent(subject.id(), id -> new Object())) {
            return Optional.ofNullable(mapped.get(subject.id()))
                    .map(Mapped::sample)
                    .or(() -> fromMemory(subject))
                    .or(() -> withoutEntry.contains(subject.id()) ? Optional.empty() : cached(subject))
                    .orElseGet(() -> keepInMemory(prepare(subject)));
        }
    }

    /** The subjects without an entry. Entries that exist are not read. */
    public List<Subject> missing(List<Subject> subjects) {
        return subjects.stream()
                .filter(subject -> !Files.exists(file(SampleKey.name(subject, sequences, recipe))))
                .toList();
    }

    /**
     * Preprocesses subjects on several threads, so that a training does not wait for one after the other. Without a folder that can
     * be written this ends at once: the samples might not fit into memory together.
     *
     * @param threads number of threads, at least 1; fewer are used if the heap is too small for so many subjects at once
     * @param stopRequested asked between groups of subjects, on the calling thread
     * @return false if a stop was requested
     * @throws PreceptorException if a subject cannot be read
     */
    public boolean prepare(List<Subject> subjects, int threads, BooleanSupplier stopRequested) {
        int group = Math.max(GROUP, 4 * threads);
        for (int begin = 0; begin < subjects.size() && writable; begin += group) {
            if (begin > 0 && stopRequested.getAsBoolean()) {
                return false;
            }
            List<Subject> next = subjects.subList(begin, Math.min(begin + group, subjects.size()));
            Parallel.map(next, Math.min(threads, atOnce(next)), subject -> writable && sample(subject) != null);
        }
        return true;
    }

    /** How many subjects fit into half of the heap while they are preprocessed: their images as read, oriented and cropped. */
    private int atOnce(List<Subject> subjects) {
        long largest = subjects.stream()
                .mapToLong(subject -> subject.grid().size().voxels())
                .max()
                .orElse(1);
        long bytes = 3 * Float.BYTES * largest * (sequences.size() + 1);
        return (int) Math.max(Math.min(Runtime.getRuntime().maxMemory() / 2 / bytes, Integer.MAX_VALUE), 1);
    }

    private Path file(String name) {
        return cache.resolve(name + ".sample");
    }

    /** Passes the notices since the last call to a listener, one line each. */
    public void tell(Consumer<String> listener) {
        for (String line = notices.poll(); line != null; line = notices.poll()) {
            listener.accept(line);
        }
    }

    /** The sample from its cache entry, which is written if it is missing or wrong and the folder can be written. */
    private Optional<Sample> cached(Subject subject) {
        SampleKey key = SampleKey.of(subject, sequences, recipe);
        Path file = file(key.name());
        Optional<Sample> found = Files.exists(file) ? read(file, subject, key) : Optional.empty();
        if (found.isEmpty()) {
            Sample prepared = prepare(subject);
            found = writable && SampleFile.fits(prepared) && hasRoom(prepared) && write(file, key, prepared)
                    ? read(file, subject, key)
                    : Optional.empty();
            if (found.isEmpty()) {
                withoutEntry.add(subject.id());
                return Optional.of(keepInMemory(prepared));
            }
        }
        mapped.put(subject.id(), new Mapped(found.get(), file, SampleFile.bytes(found.get())));
        return found;
    }

    /** The samples of a list of subjects, by their indices in the list. */
    public Samples samples(List<Subject> subjects) {
        return new Samples() {
            @Override
            public Sample sample(int i) {
                return SampleStore.this.sample(subjects.get(i));
            }

            @Override
            public <R> R reading(Supplier<R> work) {
                return SampleStore.this.reading(work);
            }
        };
    }

    /**
     * Runs work that reads samples and repeats it if an entry was truncated meanwhile, because a mapped page beyond the end of
     * a file gives an error or zeros.
     *
     * @throws PreceptorException if entries are truncated in every repetition
     */
    private <R> R reading(Supplier<R> work) {
        for (int i = 0; i <= MAX_REPETITIONS; i++) {
            long before = truncations.get();
            try {
                R result = work.get();
                // The JVM may delay the error of a mapped page; a system call makes it throw here.
                unmapTruncated();
                if (truncations.get() == before) {
                    return result;
                }
            } catch (InternalError e) {
                unmapTruncated();
                if (truncations.get() == before) {
                    throw e;
                }
            }
        }
        throw new PreceptorException(
                cache + ": another program keeps truncating the files in this folder while the training reads"
                        + " them; stop it, or name another folder with --cache");
    }

    /** Forgets truncated entries; the count tells other threads that read them to repeat their work. */
    private void unmapTruncated() {
        mapped.forEach((id, entry) -> {
            if (entry.isTruncated() && mapped.remove(id, entry)) {
                truncations.incrementAndGet();
            }
        });
    }

    private Optional<Sample> read(Path file, Subject subject, SampleKey key) {
        try {
            Optional<Sample> sample = SampleFile.read(file, subject.id(), key.content());
            if (sample.isEmpty()) {
                reportUnusable(file + ": was made from other files than those of " + subject.id() + " now");
            }
            return sample;
        } catch (InvalidFileException e) {
            reportUnusable(e.getMessage());
        } catch (IOException e) {
            reportUnusable(file + ": cannot be read: " + AtomicFiles.reason(e));
        }
        return Optional.empty();
    }

    private void reportUnusable(String problem) {
        notices.add(problem + (writable ? "; it is replaced" : "; it is not used"));
    }

    private boolean write(Path file, SampleKey key, Sample sample) {
        try {
            SampleFile.write(file, key.content(), sample);
            return true;
        } catch (PreceptorException e) {
            stopCaching(e.getMessage());
            return false;
        }
    }

    /** Whether the disk has room for the sample besides the reserve. */
    private boolean hasRoom(Sample sample) {
        try {
            Path existing = cache.toAbsolutePath();
            while (!Files.exists(existing)) {
                existing = existing.getParent();
            }
            long free = Files.getFileStore(existing).getUsableSpace();
            if (free >= sample.bytes() + RESERVE) {
                return true;
            }
            stopCaching(cache + ": the disk has " + (free >> 20) + " MiB left, of which " + (RESERVE >> 20)
                    + " are reserved for checkpoints and models; name another folder with --cache");
            return false;
        } catch (IOException e) {
            // A file system that does not report its free space fails at the write.
            return true;
        }
    }

    private void stopCaching(String reason) {
        synchronized (inMemory) {
            if (writable) {
                writable = false;
                notices.add(
                        reason
                                + "; preprocessed subjects are kept in memory from now on, or preprocessed again if they do not fit");
            }
        }
    }

    private Optional<Sample> fromMemory(Subject subject) {
        synchronized (inMemory) {
            return Optional.ofNullable(inMemory.get(subject.id()));
        }
    }

    private Sample keepInMemory(Sample sample) {
        synchronized (inMemory) {
            inMemory.put(sample.subject(), sample);
            inMemoryBytes += sample.bytes();
            var eldest = inMemory.entrySet().iterator();
            while (inMemoryBytes > capacity && inMemory.size() > 1) {
                inMemoryBytes -= eldest.next().getValue().bytes();
                eldest.remove();
            }
            return sample;
        }
    }

    private Sample prepare(Subject subject) {
        try {
            List<Sequence> measured = new ArrayList<>(sequences);
            measured.removeAll(subject.missing(sequences));
            if (measured.isEmpty()) {
                throw new InvalidCohortException("subject " + subject.id() + " has none of the sequences " + sequences
                        + "; remove the subject, or choose other sequences");
            }
            Map<Sequence, Volume> volumes = subject.volumes(measured);
            PreprocessedSubject preprocessedSubject = recipe.preprocessing()
                    .prepare(measured.stream().map(volumes::get).toList());
            boolean isLabelled =
                    subject.hasLabels() || subject.faults().labels().isPresent();
            return Sample.of(
                    subject.id(),
                    preprocessedSubject.grid().size(),
                    sequences.stream()
                            .map(sequence -> measured.contains(sequence)
                                    ? Optional.of(preprocessedSubject.images().get(measured.indexOf(sequence)))
                                    : Optional.<float[]>empty())
                            .toList(),
                    isLabelled ? Optional.of(preprocessedSubject.classes(subject.labels())) : Optional.empty());
        } catch (MismatchException e) {
            throw new MismatchException("subject " + subject.id() + ": " + e.getMessage());
        }
    }
}
