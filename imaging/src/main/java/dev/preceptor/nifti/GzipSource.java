package dev.preceptor.nifti;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The decompressed bytes of a gzip file with one or more members (RFC 1952); the checksum and length of each member are
 * verified. Unlike {@link java.util.zip.GZIPInputStream}, it reports the position of an error in the file.
 */
final class GzipSource implements ByteSource {
    /** Deflate produces at most 258 bytes from two bits. */
    private static final long MAX_RATIO = 1032;

    /** Up to this size, the length stated at the end of the file is trusted whatever the ratio. */
    private static final long HARMLESS_BYTES = 1 << 24;

    /**
     * Images rarely compress better. Beyond this ratio, a large size is checked by decompressing once without keeping
     * the bytes.
     */
    private static final long USUAL_RATIO = 64;

    /**
     * Larger contents are decompressed only up to {@link #CREDIBLE_RATIO}; above it, the file is a decompression bomb.
     */
    private static final long UNQUESTIONED_BYTES = 1L << 31;

    /** Label maps with a small tumour reach this ratio; images stay below 20. */
    private static final long CREDIBLE_RATIO = 256;

    /** The largest accepted number of bytes after the voxels. */
    private static final long MAX_TRAILING = 1 << 24;

    private static final int INPUT_BYTES = 1 << 18;
    private static final int FHCRC = 2;
    private static final int FEXTRA = 4;
    private static final int FNAME = 8;
    private static final int FCOMMENT = 16;

    private final Path file;
    private final FileChannel channel;
    private final long size;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] input;
    private int inputAt;
    private int inputEnd;
    private long inputStart;
    private long memberBytes;
    private boolean inMember;
    private boolean ended;

    GzipSource(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.size = channel.size();
        this.input = new byte[(int) Math.min(INPUT_BYTES, size)];
    }

    @Override
    public int read(byte[] into, int at, int length) {
        int done = 0;
        while (done < length && !ended) {
            if (!inMember && !openMember()) {
                ended = true;
                break;
            }
            int count = inflate(into, at + done, length - done);
            crc.update(into, at + done, count);
            memberBytes += count;
            done += count;
            if (inflater.finished()) {
                closeMember();
            }
        }
        return done;
    }

    private int inflate(byte[] into, int at, int length) {
        try {
            while (true) {
                int count = inflater.inflate(into, at, length);
                if (count > 0 || inflater.finished()) {
                    return count;
                }
                if (inflater.needsDictionary()) {
                    throw broken("the stream requires a preset dictionary");
                }
                inputAt = inputEnd;
                if (!refill()) {
                    throw broken("the file ends inside the compressed data");
                }
                inflater.setInput(input, 0, inputEnd);
            }
        } catch (DataFormatException e) {
            inputAt = inputEnd - inflater.getRemaining();
            throw broken(e.getMessage() == null ? "invalid compressed data" : e.getMessage());
        }
    }

    /** Reads the header of the next member; false at the end of the file or if only zero bytes follow. */
    private boolean openMember() {
        int first = next();
        if (position() > 1) {
            while (first == 0) {
                first = next();
            }
        }
        if (first < 0) {
            return false;
        }
        if (first != 0x1f || next() != 0x8b) {
            throw broken("no gzip member starts here");
        }
        if (next() != 8) {
            throw broken("the compression method is not deflate");
        }
        int flags = next();
        if (flags > 31) {
            throw broken("reserved flags are set");
        }
        skipField(6);
        if ((flags & FEXTRA) != 0) {
            skipField(nextRequired() | nextRequired() << 8);
        }
        for (int flag : new int[] {FNAME, FCOMMENT}) {
            if ((flags & flag) != 0) {
                while (nextRequired() != 0) {
                    continue;
                }
            }
        }
        if ((flags & FHCRC) != 0) {
            skipField(2);
        }
        inflater.reset();
        inflater.setInput(input, inputAt, inputEnd - inputAt);
        crc.reset();
        memberBytes = 0;
        inMember = true;
        return true;
    }

    private void closeMember() {
        inputAt = inputEnd - inflater.getRemaining();
        inMember = false;
        if (nextLittleEndian() != crc.getValue()) {
            throw broken("the checksum (CRC-32) of the data is wrong");
        }
        if (nextLittleEndian() != (memberBytes & 0xffffffffL)) {
            throw broken("the length of the data is wrong");
        }
    }

    private long nextLittleEndian() {
        return nextRequired() | (long) nextRequired() << 8 | (long) nextRequired() << 16 | (long) nextRequired() << 24;
    }

    private void skipField(int count) {
        for (int i = 0; i < count; i++) {
            nextRequired();
        }
    }

    private int nextRequired() {
        int value = next();
        if (value < 0) {
            throw broken("the file ends inside the header or trailer of a member");
        }
        return value;
    }

    private int next() {
        if (inputAt == inputEnd && !refill()) {
            return -1;
        }
        return input[inputAt++] & 0xff;
    }

    private boolean refill() {
        inputStart += inputEnd;
        inputAt = 0;
        inputEnd = 0;
        try {
            int count = channel.read(ByteBuffer.wrap(input));
            inputEnd = Math.max(0, count);
            return count > 0;
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    private long position() {
        return inputStart + inputAt;
    }

    private InvalidFileException broken(String why) {
        return new InvalidFileException(
                file, "broken gzip at byte " + position() + " of " + size + ": " + why + "; download the file again");
    }

    @Override
    public long capacity() {
        return size > Long.MAX_VALUE / MAX_RATIO ? Long.MAX_VALUE : size * MAX_RATIO;
    }

    @Override
    public boolean holds(long bytes) {
        if (bytes > capacity()) {
            return false;
        }
        if (bytes > UNQUESTIONED_BYTES && bytes / CREDIBLE_RATIO > size) {
            throw new InvalidFileException(
                    file,
                    "its header declares " + bytes + " bytes but the file has " + size
                            + ", a compression of more than 1:" + CREDIBLE_RATIO
                            + "; if the image is genuine, decompress the file first");
        }
        boolean stated = trailer() == (bytes & 0xffffffffL);
        if (stated && (bytes <= HARMLESS_BYTES || bytes / USUAL_RATIO <= size)) {
            return true;
        }
        try (ByteSource dryRun = ByteSource.open(file)) {
            return dryRun.skip(bytes);
        }
    }

    /** The length, modulo 2^32, that the last four bytes of the file state for the last member. */
    private long trailer() {
        if (size < 4) {
            return -1;
        }
        ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        try {
            return channel.read(last, size - 4) == 4 ? last.getInt(0) & 0xffffffffL : -1;
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    @Override
    public void finish() {
        byte[] scratch = new byte[1 << 12];
        for (long trailing = 0; !ended; ) {
            trailing += read(scratch, 0, scratch.length);
            if (trailing > MAX_TRAILING) {
                throw new InvalidFileException(
                        file,
                        "more than " + (MAX_TRAILING >> 20)
                                + " MiB follow its last voxel; its header does not match"
                                + " this file, so export the image again");
            }
        }
    }

    @Override
    public void close() {
        inflater.end();
        try {
            channel.close();
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be closed: " + AtomicFiles.reason(e), e);
        }
    }
}
