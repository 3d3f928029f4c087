package dev.preceptor.nifti;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The bytes of an uncompressed file. */
final class PlainSource implements ByteSource {
    private final Path file;
    private final FileChannel channel;
    private final long size;

    PlainSource(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.size = channel.size();
    }

    @Override
    public int read(byte[] into, int at, int length) {
        ByteBuffer target = ByteBuffer.wrap(into, at, length);
        try {
            while (target.hasRemaining() && channel.read(target) >= 0) {
                continue;
            }
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
        return target.position() - at;
    }

    @Override
    public boolean skip(long bytes) {
        try {
            channel.position(channel.position() + bytes);
            return channel.position() <= size;
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    @Override
    public long capacity() {
        return size;
    }

    @Override
    public boolean holds(long bytes) {
        return bytes <= size;
    }

    @Override
    public void finish() {
        // A plain file has no checksum.
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be closed: " + AtomicFiles.reason(e), e);
        }
    }
}
