package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.http.Caller;
import dev.preceptor.http.OneLineJson;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who did what: a line of JSON for each event in {@code audit.jsonl}, forced to the disk. A line has the time, the event, the job, its
 * model and the outcome, the name of the token and the address of the caller; it has no name, date or number of a patient, no name of an
 * uploaded file, and no UID but as hash. For any number of threads.
 */
final class AuditLog implements AutoCloseable {
    /** Events of the service itself have this caller. */
    static final Caller SERVICE = new Caller("service", "-");

    static final String JOB_ENDED = "job-ended";

    private static final Pattern JOB = Pattern.compile("\"job\":\"([0-9a-f-]+)\"");

    private final Path file;
    /** No channel: one that an interrupted thread writes to is closed for all others. */
    private final FileOutputStream out;

    private AuditLog(Path file, FileOutputStream out) {
        this.file = file;
        this.out = out;
    }

    static AuditLog open(Path file) {
        try {
            AuditLog log = new AuditLog(file, new FileOutputStream(file.toFile(), true));
            DataFolder.makePrivate(file);
            log.endTornLine();
            return log;
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be written: " + Reason.of(e), e);
        }
    }

    /** A killed process may have left half a line. */
    private void endTornLine() throws IOException {
        try (FileChannel reader = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            if (reader.size() > 0 && reader.read(last, reader.size() - 1) == 1 && last.get(0) != '\n') {
                out.write('\n');
            }
        }
    }

    /** The ids of the jobs of whose end there is a line. */
    Set<String> endedJobs() {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains("\"" + JOB_ENDED + "\""))
                    .map(JOB::matcher)
                    .filter(Matcher::find)
                    .map(found -> found.group(1))
                    .collect(Collectors.toSet());
        } catch (IOException | UncheckedIOException e) {
            throw new PreceptorException(file + ": cannot be read: " + Reason.of(e), e);
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
        try {
            out.write((OneLineJson.of(line) + "\n").getBytes(StandardCharsets.UTF_8));
            out.getFD().sync();
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be written: " + Reason.of(e), e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            // Each line was forced to the disk.
            return;
        }
    }
}
