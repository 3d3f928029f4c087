package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.http.Caller;
import dev.preceptor.http.OneLineJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who did what: a line of JSON for each event in {@code audit.jsonl}, forced to the disk. A line has the time, the event, the job, its
 * model and the outcome, the name of the token and the address of the caller; it has no name, date or number of a patient, no name of an
 * uploaded file, and no UID but as hash. A killed process may repeat the line of an end that it has not written. For any number of threads.
 */
final class AuditLog implements AutoCloseable {
    /** Events of the service itself have this caller. */
    static final Caller SERVICE = new Caller("service", "-");

    private final Path file;
    private final FileChannel channel;

    private AuditLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static AuditLog open(Path file) {
        try {
            return new AuditLog(
                    file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be written: " + Reason.of(e), e);
        }
    }

    /** An event that concerns no job. */
    void write(Caller caller, String event, String outcome) {
        append(line(caller, event, outcome));
    }

    /** An event of a job. */
    void write(Caller caller, String event, Job job, String outcome) {
        Map<String, Object> line = line(caller, event, outcome);
        line.put("job", job.id());
        line.put("number", job.number());
        line.put("model", job.model().toString());
        job.input().seriesHash().ifPresent(hash -> line.put("series", hash));
        append(line);
    }

    private static Map<String, Object> line(Caller caller, String event, String outcome) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        line.put("who", caller.name());
        line.put("address", caller.address());
        line.put("event", event);
        line.put("outcome", outcome);
        return line;
    }

    private synchronized void append(Map<String, Object> line) {
        ByteBuffer bytes = ByteBuffer.wrap((OneLineJson.of(line) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be written: " + Reason.of(e), e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Each line was forced to the disk.
            return;
        }
    }
}
