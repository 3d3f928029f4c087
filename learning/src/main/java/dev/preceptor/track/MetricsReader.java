package dev.preceptor.track;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.TextFile;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Follows {@code metrics.jsonl} while a training appends to it. Each complete line is returned once; an incomplete last line is
 * left until it is complete. The file must not become shorter while a reader follows it: a resumed training drops the lines
 * after its checkpoint before its first epoch, so create the reader after that. Not thread-safe.
 */
public final class MetricsReader {
    private final Path file;
    private long position;
    private int lines;

    /** A reader at the beginning of the file, which need not exist yet. */
    public MetricsReader(Path file) {
        this.file = file;
    }

    /**
     * A reader behind the first lines of the file, or at its end if it has fewer complete lines.
     *
     * @throws InvalidFileException if the file cannot be read
     */
    static MetricsReader after(Path file, int lines) {
        MetricsReader reader = new MetricsReader(file);
        reader.follow(lines, line -> true);
        return reader;
    }

    /** The number of lines before the position of this reader. */
    int lines() {
        return lines;
    }

    /**
     * The records of the lines that were completed since the last call.
     *
     * @param limit the largest number of records to return; later calls return the others
     * @throws InvalidFileException if the file cannot be read or its next line is damaged; the position does not change
     */
    public List<EpochRecord> read(int limit) {
        List<EpochRecord> records = new ArrayList<>();
        follow(limit, line -> {
            try {
                return records.add(EpochRecord.parse(TextFile.decode(line)));
            } catch (PreceptorException e) {
                if (records.isEmpty()) {
                    throw new InvalidFileException(
                            file, "line " + (lines + 1) + " is not a record of an epoch: " + e.getMessage(), e);
                }
                return false;
            }
        });
        return records;
    }

    private interface LineConsumer {
        /** Whether the line is accepted; otherwise the position stays before it. */
        boolean accept(byte[] line);
    }

    private void follow(int limit, LineConsumer consumer) {
        try (SeekableByteChannel channel = Files.newByteChannel(file);
                InputStream in = new BufferedInputStream(Channels.newInputStream(channel.position(position)))) {
            for (int i = 0; i < limit; i++) {
                Optional<byte[]> line = completeLine(in);
                if (line.isEmpty() || !consumer.accept(line.get())) {
                    return;
                }
                position += line.get().length + 1L;
                lines++;
            }
        } catch (NoSuchFileException e) {
            // No epoch is complete yet.
            return;
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    private static Optional<byte[]> completeLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                return Optional.of(line.toByteArray());
            }
            line.write(next);
        }
        return Optional.empty();
    }
}
