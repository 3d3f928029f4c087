package dev.preceptor.run;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * {@code metrics.jsonl} of a run, a line an epoch. Lines that the disk does not take are held back until it does; no
 * checkpoint is written before them, so that a resumed run finds every line that it counts on. For one thread.
 */
public final class MetricsLog {
    private final Path file;
    private final Consumer<String> notices;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private boolean failing;

    /** @param notices hears when the disk takes no line, and when it does again */
    public MetricsLog(Path file, Consumer<String> notices) {
        this.file = file;
        this.notices = notices;
    }

    /** Adds a line. */
    public void add(Map<String, Object> line) {
        waiting.add((Settings.line(Settings.JSON.valueToTree(line)) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            sync();
        } catch (PreceptorException e) {
            if (!failing) {
                notices.accept(e.getMessage() + "; the training goes on, its lines wait in memory");
            }
            failing = true;
        }
    }

    /**
     * Brings every line to the disk.
     *
     * @throws PreceptorException if that is not possible
     */
    void sync() {
        if (waiting.isEmpty()) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.position(channel.size());
            while (!waiting.isEmpty()) {
                append(channel, waiting.element());
                waiting.remove();
            }
            channel.force(true);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be written: " + AtomicFiles.reason(e), e);
        }
        if (failing) {
            failing = false;
            notices.accept(file + " is written again, no line is missing");
        }
    }

    /** A line whole or not at all. */
    private static void append(FileChannel channel, byte[] line) throws IOException {
        long end = channel.position();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(line);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            channel.truncate(end);
            throw e;
        }
    }

    /** Drops all lines but the first ones: a resumed run writes the others again. */
    public void keep(int lines) {
        try {
            List<String> all = Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (all.size() != lines || lines == 0) {
                AtomicFiles.writeString(
                        file, all.stream().limit(lines).map(line -> line + "\n").collect(Collectors.joining()));
            }
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be read: " + AtomicFiles.reason(e), e);
        }
    }
}
