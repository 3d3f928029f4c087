package dev.preceptor.service;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.http.HttpStatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The series that DICOMweb sends, instance by instance, in any order and over any number of requests. An instance is on the disk before
 * it is acknowledged. When nothing has come for a series for a while, its folder becomes that of a job by one rename. What is sent
 * again is taken once; what comes after the job has begun starts another one on the whole series. For any number of threads.
 */
final class IncomingSeries {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{" + InstanceHeader.HASH_DIGITS + "}");
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final DataFolder data;
    private final JobStore store;
    private final Duration rest;
    /** When the last instance of a series came, by {@link System#nanoTime}; after a restart each rests anew. */
    private final Map<String, Long> arrivals = new HashMap<>();

    /** What became of an instance. */
    enum Outcome {
        NEW,
        KNOWN,
        /** There is another instance with this UID. */
        CONFLICT
    }

    /** Gives a rested series to a job. */
    @FunctionalInterface
    interface Starter {
        /**
         * Makes a job of a folder.
         *
         * @param folder with the folder {@code input}
         * @throws HttpStatusException if the queue is full
         */
        void start(Path folder, String seriesHash);
    }

    IncomingSeries(DataFolder data, JobStore store, Duration rest) {
        this.data = data;
        this.store = store;
        this.rest = rest;
        AtomicFiles.sweep(data.series());
        try (Stream<Path> folders = Files.list(data.series())) {
            folders.map(folder -> folder.getFileName().toString())
                    .filter(name -> HASH.matcher(name).matches())
                    .forEach(name -> arrivals.put(name, System.nanoTime()));
        } catch (IOException e) {
            throw new PreceptorException(data.series() + ": cannot be read: " + Reason.of(e), e);
        }
    }

    /** Takes an instance, whose file is moved. */
    synchronized Outcome receive(Path file, InstanceHeader header) {
        String hash = header.seriesHash();
        Path input = data.series().resolve(hash).resolve("input");
        Path target = input.resolve(header.fileName());
        try {
            Optional<Path> before = store.newestFirst().stream()
                    .filter(job -> job.input().seriesHash().filter(hash::equals).isPresent())
                    .findFirst()
                    .map(job -> store.input(job.id()));
            Path known = Files.exists(target)
                    ? target
                    : before.map(folder -> folder.resolve(header.fileName())).orElse(target);
            if (Files.exists(known)) {
                return ReceivedFile.isSame(known, file) ? Outcome.KNOWN : Outcome.CONFLICT;
            }
            if (!Files.exists(input)) {
                AtomicFiles.writeFolder(data.series().resolve(hash), folder -> begin(folder.resolve("input"), before));
                arrivals.put(hash, System.nanoTime());
            }
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
            AtomicFiles.syncFolder(input);
            arrivals.put(hash, System.nanoTime());
            return Outcome.NEW;
        } catch (IOException e) {
            throw new PreceptorException("an instance cannot be kept: " + Reason.of(e), e);
        }
    }

    /** An empty folder, or one with the instances of the job before. */
    private static void begin(Path input, Optional<Path> before) {
        AtomicFiles.createFolder(input);
        if (before.isEmpty()) {
            return;
        }
        try (Stream<Path> files = Files.list(before.get())) {
            for (Path file : files.toList()) {
                Files.copy(file, input.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new PreceptorException("a series cannot be completed: " + Reason.of(e), e);
        }
    }

    /** Gives each series that rests to a job. One for which the queue has no place, or which cannot be read now, waits on. */
    synchronized void startRested(Starter starter) {
        long now = System.nanoTime();
        List<String> rested = arrivals.entrySet().stream()
                .filter(entry -> now - entry.getValue() >= rest.toNanos())
                .map(Map.Entry::getKey)
                .toList();
        for (String hash : rested) {
            if (!Supervisor.attempt("series " + hash, () -> start(hash, starter))) {
                arrivals.put(hash, System.nanoTime() - rest.toNanos() + PAUSE.toNanos());
            }
        }
    }

    private void start(String hash, Starter starter) {
        Path folder = data.series().resolve(hash);
        if (isEmpty(folder)) {
            // The service was killed before the first instance was stored, or the series was removed: its sender can
            // send it again.
            AtomicFiles.deleteFolder(folder);
            arrivals.remove(hash);
            return;
        }
        try {
            starter.start(folder, hash);
        } catch (HttpStatusException e) {
            // The queue is full; the next call tries again.
            return;
        }
        arrivals.remove(hash);
    }

    private static boolean isEmpty(Path folder) {
        Path input = folder.resolve("input");
        if (!Files.exists(input)) {
            return true;
        }
        try (Stream<Path> files = Files.list(input)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new PreceptorException(input + ": cannot be read: " + Reason.of(e), e);
        }
    }
}
