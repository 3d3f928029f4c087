package dev.preceptor.service;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The jobs, each in a folder {@code jobs/ID} with {@code job.json}, {@code input} and {@code output}. A job appears by the rename of a
 * complete folder, and each change of it replaces {@code job.json} in one rename, so that a killed process leaves each job in one of its
 * states. For any number of threads.
 */
final class JobStore {
    private static final String FILE = "job.json";
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final DataFolder data;
    private final Consumer<Job> listener;
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final Path counter;

    private JobStore(DataFolder data, Consumer<Job> listener) {
        this.data = data;
        this.listener = listener;
        this.counter = data.root().resolve("number");
    }

    /**
     * Reads the jobs of a data folder.
     *
     * @param listener is called after each change of a job
     * @throws InvalidFileException if the description of a job cannot be read
     */
    static JobStore open(DataFolder data, Consumer<Job> listener) {
        JobStore store = new JobStore(data, listener);
        try (Stream<Path> folders = Files.list(data.jobs())) {
            for (Path folder : folders.sorted().toList()) {
                AtomicFiles.sweep(folder);
                if (Files.exists(folder.resolve(FILE))) {
                    Job job = read(folder.resolve(FILE));
                    store.jobs.put(job.id(), job);
                } else {
                    // The deletion of this job was cut off.
                    AtomicFiles.deleteFolder(folder);
                }
            }
        } catch (IOException e) {
            throw new PreceptorException(data.jobs() + ": cannot be read: " + Reason.of(e), e);
        }
        return store;
    }

    private static Job read(Path file) {
        try {
            return MAPPER.treeToValue(JsonFiles.read(file), Job.class);
        } catch (JacksonException e) {
            throw new InvalidFileException(file, "is no job of this version: " + Reason.of(e), e);
        }
    }

    /**
     * Accepts a job: from the return of this method on it survives a crash.
     *
     * @param prepared a folder with the folder {@code input}, which becomes that of the job
     */
    Job add(Path prepared, ModelName model, JobInput input, String owner) {
        Job job = Job.queued(UUID.randomUUID().toString(), nextNumber(), model, input, owner);
        write(prepared.resolve(FILE), job);
        Path folder = folder(job.id());
        try {
            Files.move(prepared, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new PreceptorException("the job cannot be kept: " + Reason.of(e), e);
        }
        AtomicFiles.syncFolder(data.jobs());
        jobs.put(job.id(), job);
        listener.accept(job);
        return job;
    }

    private static void write(Path file, Job job) {
        AtomicFiles.writeString(file, MAPPER.writeValueAsString(job) + "\n");
    }

    /** Counts on, also after all jobs were deleted. */
    private synchronized long nextNumber() {
        long last = jobs.values().stream().mapToLong(Job::number).max().orElse(0);
        try {
            if (Files.exists(counter)) {
                last = Math.max(last, Long.parseLong(Files.readString(counter).strip()));
            }
        } catch (IOException | NumberFormatException e) {
            throw new PreceptorException(
                    counter + ": cannot be read as a number; remove the file to count on from " + last, e);
        }
        AtomicFiles.writeString(counter, (last + 1) + "\n");
        return last + 1;
    }

    /** Keeps a change of a job, which stays as it was if that fails; a change of a job that was deleted is dropped. */
    void update(Job job) {
        Job kept = jobs.computeIfPresent(job.id(), (id, old) -> {
            write(folder(id).resolve(FILE), job);
            return job;
        });
        if (kept != null) {
            listener.accept(job);
        }
    }

    /** Shows the progress of a job without a file, since a job that is cut off begins again. */
    void show(Job job) {
        if (jobs.computeIfPresent(job.id(), (id, old) -> job) != null) {
            listener.accept(job);
        }
    }

    Optional<Job> find(String id) {
        return Optional.ofNullable(jobs.get(id));
    }

    /** All jobs, newest first. */
    List<Job> newestFirst() {
        List<Job> all = new ArrayList<>(jobs.values());
        all.sort(Comparator.comparingLong(Job::number).reversed());
        return all;
    }

    /** Removes a job with its images and results; the description goes first, so that no half of a job is left. */
    void delete(String id) {
        if (jobs.remove(id) != null) {
            try {
                Files.deleteIfExists(folder(id).resolve(FILE));
            } catch (IOException e) {
                throw new PreceptorException("the job " + id + " cannot be removed: " + Reason.of(e), e);
            }
            AtomicFiles.deleteFolder(folder(id));
        }
    }

    Path folder(String id) {
        return data.jobs().resolve(id);
    }

    Path input(String id) {
        return folder(id).resolve("input");
    }

    Path output(String id) {
        return folder(id).resolve("output");
    }
}
