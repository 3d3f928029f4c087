package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * An open safetensors file, for loading its arrays into tensors. That reads the file and touches no mapping, whose pages would count
 * as memory of this process until it ends. Not thread-safe.
 */
public final class SafetensorsFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final Safetensors content;
    private final Map<String, Long> positions;

    private SafetensorsFile(Path file, FileChannel channel, Safetensors.Located located) {
        this.file = file;
        this.channel = channel;
        this.content = located.content();
        this.positions = located.positions();
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws InvalidFileException as {@link Safetensors#read(Path)}
     */
    public static SafetensorsFile open(Path file) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file);
            SafetensorsFile opened = new SafetensorsFile(file, channel, Safetensors.read(file, channel));
            channel = null;
            return opened;
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        } finally {
            if (channel != null) {
                close(file, channel);
            }
        }
    }

    /** What the file contains. Its arrays are mapped and remain valid when this file is closed. */
    public Safetensors content() {
        return content;
    }

    /**
     * Reads an array of the file into a tensor on the CPU, owned by the innermost scope.
     *
     * @throws InvalidFileException if the file has been truncated or cannot be read
     */
    public Tensor tensor(String name) {
        ArrayData array = content.arrays().get(name);
        Tensor tensor = array.emptyTensor();
        ByteBuffer memory = ArrayData.memory(tensor);
        long position = positions.get(name);
        try {
            while (memory.hasRemaining()) {
                if (channel.read(memory, position + memory.position()) < 0) {
                    throw new EOFException("the file ends at byte " + (position + memory.position()));
                }
            }
        } catch (EOFException e) {
            throw new InvalidFileException(file, "was truncated while it was read; copy it again", e);
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
        return tensor;
    }

    @Override
    public void close() {
        close(file, channel);
    }

    private static void close(Path file, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be closed: " + AtomicFiles.reason(e), e);
        }
    }
}
