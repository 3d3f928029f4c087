package dev.preceptor.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** Counts the bytes that are read from files, with the flight recorder of the JVM. */
public final class FileReads {
    private final Map<Path, Long> bytes = new HashMap<>();

    private FileReads() {}

    /** What the whole JVM reads during some work. */
    public static FileReads during(Runnable work) {
        FileReads reads = new FileReads();
        try (Recording recording = new Recording()) {
            recording
                    .enable("jdk.FileRead")
                    .withThreshold(Duration.ZERO)
                    .withoutStackTrace()
                    .with("throttle", "off");
            recording.start();
            work.run();
            recording.stop();
            Path dump = Files.createTempFile("reads", ".jfr");
            recording.dump(dump);
            RecordingFile.readAllEvents(dump)
                    .forEach(event -> reads.bytes.merge(
                            Path.of(String.valueOf(event.getString("path"))),
                            Math.max(0, event.getLong("bytesRead")),
                            Long::sum));
            Files.delete(dump);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reads;
    }

    /** The number of bytes read from a file, 0 if it was not opened. */
    public long of(Path file) {
        return bytes.getOrDefault(file, 0L);
    }

    /**
     * How often a file was read: the bytes read divided by its size, rounded. A reader that takes a few bytes twice, such as the
     * magic number, counts once; one that opens a small file for its header counts once too, for it reads a whole buffer.
     */
    public long timesOf(Path file) {
        try {
            return Math.round(of(file) / (double) Files.size(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
