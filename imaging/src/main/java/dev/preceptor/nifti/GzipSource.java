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
 * The inflated bytes of a gzip file of one or more members (RFC 1952), each member's checksum and length verified. Unlike
 * {@link java.util.zip.GZIPInputStream} it says at which byte of the file something is wrong.
 */
final class GzipSource implements ByteSource {
    /** Deflate gives at most 258 bytes for two bits. */
    private static final long GREATEST_RATIO = 1032;

    /** Up to here the length stated at the end of the file is believed, whatever the ratio. */
    private static final long HARMLESS_BYTES = 1 << 24;

    /** Images are seldom denser; a greater ratio of many bytes is checked by inflating once without keeping anything. */
    private static final long USUAL_RATIO = 64;

    /** More than this is inflated only if the file is large enough for {@link #CREDIBLE_RATIO}: the rest are bombs. */
    private static final long UNQUESTIONED_BYTES = 1L << 31;

    /** A label map with a small tumour reaches it; images stay below 20. */
    private static final long CREDIBLE_RATIO = 256;

    /** What may follow the voxels. */
    private static final long MOST_TRAILING = 1 << 24;

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
                    throw broken("the stream asks for a dictionary");
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

    /** Reads the header of the next member; false at the end of the file, or where only zero bytes follow. */
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
        pass(6);
        if ((flags & FEXTRA) != 0) {
            pass(needed() | needed() << 8);
        }
        for (int flag : new int[] {FNAME, FCOMMENT}) {
            if ((flags & flag) != 0) {
                while (needed() != 0) {
                    continue;
                }
            }
        }
        if ((flags & FHCRC) != 0) {
            pass(2);
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
        if (little() != crc.getValue()) {
            throw broken("the checksum (CRC-32) of the data is wrong");
        }
        if (little() != (memberBytes & 0xffffffffL)) {
            throw broken("the length of the data is wrong");
        }
    }

    private long little() {
        return needed() | (long) needed() << 8 | (long) needed() << 16 | (long) needed() << 24;
    }

    private void pass(int count) {
        for (int i = 0; i < count; i++) {
            needed();
        }
    }

    private int needed() {
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
                file, "broken gzip at byte " + position() + " of " + size + ": " + why + "; fetch the file again");
    }

    @Override
    public long capacity() {
        return size > Long.MAX_VALUE / GREATEST_RATIO ? Long.MAX_VALUE : size * GREATEST_RATIO;
    }

    @Override
    public boolean holds(long bytes) {
        if (bytes > capacity()) {
            return false;
        }
        if (bytes > UNQUESTIONED_BYTES && bytes / CREDIBLE_RATIO > size) {
            throw new InvalidFileException(
                    file,
                    "its header promises " + bytes + " bytes but the file has " + size
                            + ", a compression of more than 1:" + CREDIBLE_RATIO
                            + "; if this is a true image, decompress the file first");
        }
        boolean stated = trailer() == (bytes & 0xffffffffL);
        if (stated && (bytes <= HARMLESS_BYTES || bytes / USUAL_RATIO <= size)) {
            return true;
        }
        try (ByteSource dryRun = ByteSource.open(file)) {
            return dryRun.skip(bytes);
        }
    }

    /** The length that the last four bytes of the file state, modulo 2^32: that of the last member. */
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
            if (trailing > MOST_TRAILING) {
                throw new InvalidFileException(
                        file,
                        "more than " + (MOST_TRAILING >> 20)
                                + " MiB follow its last voxel; its header does not describe"
                                + " this file, so write the image again from its source");
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
