package dev.preceptor.service;

import dev.preceptor.http.EventStream;
import dev.preceptor.http.OneLineJson;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells the readers of a job what becomes of it. For any number of threads. */
final class JobEvents implements Consumer<Job> {
    private final Map<String, Set<EventStream>> readers = new ConcurrentHashMap<>();

    /**
     * Sends the job as it is, and each change until it ends.
     *
     * @param now the job as it is now; asked after the reader is known, so that no change between is missed
     */
    void add(String id, EventStream reader, Supplier<Job> now) {
        readers.computeIfAbsent(id, key -> ConcurrentHashMap.newKeySet()).add(reader);
        Job job = now.get();
        if (job.state().hasEnded()) {
            readers.remove(id);
        }
        send(job, reader);
    }

    @Override
    public void accept(Job job) {
        Set<EventStream> all = job.state().hasEnded() ? readers.remove(job.id()) : readers.get(job.id());
        if (all != null) {
            all.removeIf(EventStream::isClosed);
            all.forEach(reader -> send(job, reader));
        }
    }

    private static void send(Job job, EventStream reader) {
        reader.send("job", OneLineJson.of(JobView.of(job)));
        if (job.state().hasEnded()) {
            reader.end();
        }
    }
}
