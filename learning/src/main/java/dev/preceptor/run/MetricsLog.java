package dev.preceptor.run;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.base.TextFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * {@code metrics.jsonl} of a run, one line for each epoch. Lines that cannot be written wait in memory; no checkpoint is written
 * before them, so that a resumed run finds every line of its checkpoint. For one thread.
 */
public final class MetricsLog {
    private final Path file;
    private final Consumer<String> notices;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private boolean failing;

    /** @param notices receives a line when writing begins to fail, and when it succeeds again */
    public MetricsLog(Path file, Consumer<String> notices) {
        this.file = file;
        this.notices = notices;
    }

    /** Adds a line; if it cannot be written, it waits in memory. */
    public void add(Map<String, Object> line) {
        waiting.add((Settings.line(Settings.JSON.valueToTree(line)) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            sync();
        } catch (PreceptorException e) {
            if (!failing) {
                notices.accept(e.getMessage() + "; the training continues, its lines wait in memory");
            }
            failing = true;
        }
    }

    /**
     * Writes every waiting line and syncs the file.
     *
     * @throws PreceptorException if a line cannot be written
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

    /** Appends a whole line or none of it. */
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

    /**
     * Drops all lines but the first ones; a resumed run writes the others again.
     *
     * @param lines number of lines at the time of the checkpoint
     * @throws InvalidFileException if one of them is no record of an epoch; it names the line. Later lines may be incomplete
     */
    public void keep(int lines) {
        byte[] all = Files.exists(file) ? bytes() : new byte[0];
        int end = 0;
        int found = 0;
        for (int i = 0; i < all.length && found < lines; i++) {
            if (all[i] == '\n') {
                found++;
                requireEpoch(found, Arrays.copyOfRange(all, end, i));
                end = i + 1;
            }
        }
        if (found < lines) {
            notices.accept(file + " has " + found + " whole lines of the " + lines
                    + " that the checkpoint expects; the curves of this run lack the other epochs");
        }
        if (end != all.length || lines == 0) {
            byte[] first = Arrays.copyOf(all, end);
            AtomicFiles.write(file, out -> out.write(first));
        }
    }

    private byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    /** The report at the end of the run reads these lines. */
    private void requireEpoch(int number, byte[] line) {
        String problem;
        try {
            JsonNode epoch = Settings.parse(TextFile.decode(line));
            if (epoch.path("role").isString()
                    && epoch.path("epoch").isInt()
                    && epoch.path("training").isObject()
                    && epoch.path("validation").isObject()) {
                return;
            }
            problem = "is no record of an epoch";
        } catch (PreceptorException e) {
            problem = e.getMessage();
        }
        throw new InvalidFileException(
                file,
                "line " + number + " is damaged (" + problem
                        + "); repair or delete the line, and resume again: the weights do not depend on it");
    }
}
