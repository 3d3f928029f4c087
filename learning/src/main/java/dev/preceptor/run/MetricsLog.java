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

    /**
     * Drops all lines but the first ones: a resumed run writes the others again.
     *
     * @param lines how many the checkpoint counts on
     * @throws InvalidFileException if one of them is no record of an epoch, with its number; later lines may be torn
     */
    public void keep(int lines) {
        byte[] all = Files.exists(file) ? bytes() : new byte[0];
        int end = 0;
        int kept = 0;
        for (int i = 0; i < all.length && kept < lines; i++) {
            if (all[i] == '\n') {
                kept++;
                requireEpoch(kept, Arrays.copyOfRange(all, end, i));
                end = i + 1;
            }
        }
        if (kept < lines) {
            notices.accept(file + " has " + kept + " whole lines of the " + lines
                    + " that the checkpoint counts on; the curves of this run lack the other epochs");
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

    /** A report at the end of the run must be able to read what the training continues from. */
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
                        + "); mend it or delete the line, and resume again: the weights do not depend on it");
    }
}
