package dev.preceptor.dicom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Reason;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * The bytes of a file from front to back. Memory is allocated only for bytes that are there: a plain file's length is known, and of
 * a deflated one large values are read in steps. Not thread-safe.
 */
final class DicomInput implements Closeable {
    private static final int STEP = 1 << 20;

    private final Path file;
    private InputStream in;
    private long end;
    private long position;
    private boolean bigEndian;

    private DicomInput(Path file, InputStream in, long end) {
        this.file = file;
        this.in = in;
        this.end = end;
    }

    static DicomInput open(Path file) {
        try {
            return new DicomInput(file, new BufferedInputStream(Files.newInputStream(file), 1 << 14), Files.size(file));
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + Reason.of(e), e);
        }
    }

    Path file() {
        return file;
    }

    /** The number of bytes read so far; after {@link #inflate} of inflated ones. */
    long position() {
        return position;
    }

    /** Where the bytes end; {@link Long#MAX_VALUE} if they are deflated. */
    long end() {
        return end;
    }

    void bigEndian(boolean big) {
        bigEndian = big;
    }

    boolean isBigEndian() {
        return bigEndian;
    }

    /** Takes what follows as a raw deflate stream, at position 0. */
    void inflate() {
        in = new BufferedInputStream(new InflaterInputStream(in, new Inflater(true), 1 << 14), 1 << 14);
        position = 0;
        end = Long.MAX_VALUE;
    }

    /** The next bytes without taking them; fewer at the end. */
    byte[] peek(int count) {
        try {
            in.mark(count);
            byte[] bytes = in.readNBytes(count);
            in.reset();
            return bytes;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    boolean isAtEnd() {
        return peek(1).length == 0;
    }

    int unsigned8() {
        try {
            int value = in.read();
            if (value < 0) {
                throw truncated();
            }
            position++;
            return value;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    int unsigned16() {
        int first = unsigned8();
        int second = unsigned8();
        return bigEndian ? first << 8 | second : second << 8 | first;
    }

    long unsigned32() {
        long first = unsigned16();
        long second = unsigned16();
        return bigEndian ? first << 16 | second : second << 16 | first;
    }

    int tag() {
        int group = unsigned16();
        return group << 16 | unsigned16();
    }

    byte[] bytes(long count) {
        requireRemaining(count);
        if (count > Integer.MAX_VALUE - 16) {
            throw new InvalidFileException(file, "holds an element of " + count + " bytes, more than 2 GiB");
        }
        try {
            byte[] bytes = end == Long.MAX_VALUE && count > STEP ? stepwise((int) count) : in.readNBytes((int) count);
            if (bytes.length < count) {
                throw truncated();
            }
            position += count;
            return bytes;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private byte[] stepwise(int count) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(STEP);
        for (int left = count; left > 0; ) {
            byte[] step = in.readNBytes(Math.min(STEP, left));
            if (step.length == 0) {
                break;
            }
            out.write(step);
            left -= step.length;
        }
        return out.toByteArray();
    }

    void skip(long count) {
        requireRemaining(count);
        try {
            in.skipNBytes(count);
            position += count;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private void requireRemaining(long count) {
        if (count > end - position) {
            throw truncated();
        }
    }

    private InvalidFileException truncated() {
        return new InvalidFileException(
                file,
                "ends within a DICOM element at byte " + position + ": it is truncated or damaged; fetch it again");
    }

    private InvalidFileException unreadable(IOException e) {
        if (e instanceof EOFException) {
            return truncated();
        }
        return e instanceof ZipException
                ? new InvalidFileException(file, "holds a damaged deflate stream; fetch it again", e)
                : new InvalidFileException(file, "cannot be read: " + Reason.of(e), e);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }
}
