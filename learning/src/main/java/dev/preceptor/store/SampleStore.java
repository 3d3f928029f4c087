package dev.preceptor.store;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Prepared subjects. Each is prepared once, into a file of a cache folder, and mapped from there, so that a cohort may be larger
 * than memory; where the folder cannot be written, samples are kept in memory as long as they fit and prepared again where
 * not. Thread-safe; different subjects are prepared at the same time.
 *
 * <p>When a subject is first asked for, the files that it is made from are read through and hashed, and so is the entry: one that
 * was made from other bytes, or does not match its checksum, is told of and made again. From then on the entry is taken as it is; one that becomes
 * shorter while it is mapped is made again, and what was read from it is dropped.
 */
public final class SampleStore {
    /** Bytes that the cache leaves free. */
    private static final long RESERVE = 2L << 30;

    private static final int MOST_REPETITIONS = 3;

    private record Mapped(Sample sample, Path file, long bytes) {
        boolean isCut() {
            try {
                return Files.size(file) < bytes;
            } catch (IOException e) {
                // A file that was removed stays readable where it is mapped.
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
    /** How many entries have become shorter while they were mapped. */
    private final AtomicLong cuts = new AtomicLong();

    private final LinkedHashMap<String, Sample> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Queue<String> notices = new ConcurrentLinkedQueue<>();
    private volatile boolean writable = true;
    private long held;

    /**
     * @param cache the folder of the entries, which need not be there
     * @param capacity bytes of samples that may be kept in memory where the cache fails
     */
    public SampleStore(Recipe recipe, Path cache, long capacity) {
        this.recipe = recipe;
        this.sequences = recipe.sequences();
        this.cache = cache;
        this.capacity = capacity;
        AtomicFiles.sweep(cache);
    }

    /**
     * The subject on the grid of the model.
     *
     * @throws PreceptorException if a sequence or the labels are missing or broken
     */
    Sample sample(Subject subject) {
        Mapped ready = mapped.get(subject.id());
        if (ready != null) {
            return ready.sample();
        }
        synchronized (locks.computeIfAbsent(subject.id(), id -> new Object())) {
            Optional<Sample> found = Optional.ofNullable(mapped.get(subject.id()))
                    .map(Mapped::sample)
                    .or(() -> remembered(subject))
                    .or(() -> writable ? cached(subject) : Optional.empty());
            return found.orElseGet(() -> remember(prepare(subject)));
        }
    }

    /** Hands over what there is to tell since the last call. */
    public void tell(Consumer<String> listener) {
        for (String line = notices.poll(); line != null; line = notices.poll()) {
            listener.accept(line);
        }
    }

    /** From the cache, or into it and then from it; nothing if it cannot be used. */
    private Optional<Sample> cached(Subject subject) {
        SampleKey key = SampleKey.of(subject, sequences, recipe);
        Path file = cache.resolve(key.name() + ".sample");
        Optional<Sample> found = Files.exists(file) ? read(file, subject, key) : Optional.empty();
        if (found.isEmpty()) {
            Sample made = prepare(subject);
            found = SampleFile.fits(made) && hasRoom(made) && write(file, key, made)
                    ? read(file, subject, key)
                    : Optional.empty();
            if (found.isEmpty()) {
                return Optional.of(remember(made));
            }
        }
        mapped.put(subject.id(), new Mapped(found.get(), file, SampleFile.bytes(found.get())));
        return found;
    }

    /** Samples of subjects by their places in a list. */
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
     * Does work that reads samples, again if an entry has become shorter meanwhile: a mapped page that is gone gives an error
     * or zeros.
     *
     * @throws PreceptorException if that happens time and again
     */
    private <R> R reading(Supplier<R> work) {
        for (int i = 0; i <= MOST_REPETITIONS; i++) {
            long before = cuts.get();
            try {
                R result = work.get();
                // Asking the file system lets an error that the JVM still holds back be thrown here.
                dropCut();
                if (cuts.get() == before) {
                    return result;
                }
            } catch (InternalError e) {
                dropCut();
                if (cuts.get() == before) {
                    throw e;
                }
            }
        }
        throw new PreceptorException(
                cache + ": something keeps cutting the files in this folder while the training reads"
                        + " them; find what it is, or name another folder with --cache");
    }

    /** Entries that have become shorter are mapped no more; another thread that reads one of them sees that it must repeat. */
    private void dropCut() {
        mapped.forEach((id, entry) -> {
            if (entry.isCut() && mapped.remove(id, entry)) {
                cuts.incrementAndGet();
            }
        });
    }

    private Optional<Sample> read(Path file, Subject subject, SampleKey key) {
        try {
            Optional<Sample> sample = SampleFile.read(file, subject.id(), key.content());
            if (sample.isEmpty()) {
                notices.add(
                        file + ": was made from other files than those of " + subject.id() + " now; it is made again");
            }
            return sample;
        } catch (InvalidFileException e) {
            notices.add(e.getMessage() + "; it is made again");
        } catch (IOException e) {
            notices.add(file + ": cannot be read: " + AtomicFiles.reason(e) + "; it is made again");
        }
        return Optional.empty();
    }

    private boolean write(Path file, SampleKey key, Sample sample) {
        try {
            SampleFile.write(file, key.content(), sample);
            return true;
        } catch (PreceptorException e) {
            giveUp(e.getMessage());
            return false;
        }
    }

    /** Checkpoints and models must find room after the cache has taken its own. */
    private boolean hasRoom(Sample sample) {
        try {
            Path there = cache.toAbsolutePath();
            while (!Files.exists(there)) {
                there = there.getParent();
            }
            long free = Files.getFileStore(there).getUsableSpace();
            if (free >= sample.bytes() + RESERVE) {
                return true;
            }
            giveUp(cache + ": the disk has " + (free >> 20) + " MiB left, of which " + (RESERVE >> 20)
                    + " are for checkpoints and models; name another folder with --cache");
            return false;
        } catch (IOException e) {
            // A file system that does not tell its space will say when it has none.
            return true;
        }
    }

    private void giveUp(String why) {
        synchronized (kept) {
            if (writable) {
                writable = false;
                notices.add(
                        why
                                + "; prepared subjects are kept in memory from here on, or prepared again where they do not fit");
            }
        }
    }

    private Optional<Sample> remembered(Subject subject) {
        synchronized (kept) {
            return Optional.ofNullable(kept.get(subject.id()));
        }
    }

    private Sample remember(Sample sample) {
        synchronized (kept) {
            kept.put(sample.subject(), sample);
            held += sample.bytes();
            var eldest = kept.entrySet().iterator();
            while (held > capacity && kept.size() > 1) {
                held -= eldest.next().getValue().bytes();
                eldest.remove();
            }
            return sample;
        }
    }

    private Sample prepare(Subject subject) {
        try {
            Map<Sequence, Volume> volumes = subject.volumes(sequences);
            PreprocessedSubject preprocessedSubject = recipe.preprocessing()
                    .prepare(sequences.stream().map(volumes::get).toList());
            return Sample.of(
                    subject.id(),
                    preprocessedSubject.grid().size(),
                    preprocessedSubject.images(),
                    preprocessedSubject.classes(subject.labels()));
        } catch (MismatchException e) {
            throw new MismatchException("subject " + subject.id() + ": " + e.getMessage());
        }
    }
}
