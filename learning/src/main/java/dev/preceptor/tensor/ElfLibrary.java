package dev.preceptor.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads which other libraries a library of Linux names as needed: the DT_NEEDED entries of its dynamic section. Source: Tool Interface
 * Standard, Executable and Linking Format 1.2, in its form for 64 bits. Stateless.
 */
final class ElfLibrary {
    private static final int MAGIC = 0x7F454C46;
    private static final int BITS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int HEADER = 64;
    private static final int SEGMENT = 56;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int NEEDED = 1;
    private static final int STRINGS = 5;
    private static final int MOST_BYTES = 1 << 20;
    private static final int LONGEST_NAME = 256;

    private ElfLibrary() {}

    /** A part of the file and the address at which it is loaded. */
    private record Segment(int type, long offset, long address, long bytes) {}

    /**
     * The names of the needed libraries, in their order; none for a file of another format.
     *
     * @throws IOException if the file cannot be read or is damaged
     */
    static List<String> needed(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < HEADER) {
                return List.of();
            }
            ByteBuffer header = read(channel, 0, HEADER);
            boolean isElf = header.order(ByteOrder.BIG_ENDIAN).getInt(0) == MAGIC
                    && header.get(4) == BITS_64
                    && header.get(5) == LITTLE_ENDIAN;
            if (!isElf) {
                return List.of();
            }
            header.order(ByteOrder.LITTLE_ENDIAN);
            int count = Short.toUnsignedInt(header.getShort(56));
            ByteBuffer table = read(channel, header.getLong(32), (long) SEGMENT * count);
            List<Segment> segments = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int at = SEGMENT * i;
                segments.add(new Segment(
                        table.getInt(at), table.getLong(at + 8), table.getLong(at + 16), table.getLong(at + 32)));
            }
            for (Segment segment : segments) {
                if (segment.type == DYNAMIC) {
                    return needed(channel, segments, read(channel, segment.offset, segment.bytes));
                }
            }
            return List.of();
        }
    }

    private static List<String> needed(FileChannel channel, List<Segment> segments, ByteBuffer dynamic)
            throws IOException {
        List<Long> names = new ArrayList<>();
        long strings = 0;
        for (int at = 0; at + 16 <= dynamic.limit() && dynamic.getLong(at) != 0; at += 16) {
            if (dynamic.getLong(at) == NEEDED) {
                names.add(dynamic.getLong(at + 8));
            } else if (dynamic.getLong(at) == STRINGS) {
                strings = offset(segments, dynamic.getLong(at + 8));
            }
        }
        List<String> needed = new ArrayList<>();
        for (long name : names) {
            long start = strings + name;
            ByteBuffer text = read(channel, start, Math.min(LONGEST_NAME, channel.size() - start));
            int length = 0;
            while (length < text.limit() && text.get(length) != 0) {
                length++;
            }
            needed.add(new String(text.array(), 0, length, StandardCharsets.UTF_8));
        }
        return needed;
    }

    /** The place in the file of an address. */
    private static long offset(List<Segment> segments, long address) throws IOException {
        for (Segment segment : segments) {
            if (segment.type == LOAD && address >= segment.address && address < segment.address + segment.bytes) {
                return address - segment.address + segment.offset;
            }
        }
        throw new IOException("its table of names is not in the file");
    }

    private static ByteBuffer read(FileChannel channel, long offset, long bytes) throws IOException {
        if (offset < 0 || bytes < 0 || bytes > MOST_BYTES) {
            throw new IOException("its header names a part that cannot be");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new EOFException();
            }
        }
        return buffer.flip();
    }
}
