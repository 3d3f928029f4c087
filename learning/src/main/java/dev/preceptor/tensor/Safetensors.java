package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A safetensors file (https://github.com/huggingface/safetensors): eight bytes with the length of a JSON header, the header,
 * the arrays. Reading runs no code, checks every offset before its use, and maps the file instead of copying it. Each mapping
 * covers up to 2 GiB and many arrays, for an operating system limits the number of mappings of a process.
 *
 * @param metadata the strings of {@code __metadata__} by key
 * @param arrays the arrays by name, in the order of the file
 */
public record Safetensors(Map<String, String> metadata, Map<String, ArrayData> arrays) {
    /** More than the names of 32,768 arrays and the metadata of any model need. */
    private static final int MAX_HEADER_BYTES = 16 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    public Safetensors {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    }

    /**
     * Reads a file.
     *
     * @throws InvalidFileException if the file is missing or truncated, if an offset is wrong or a name occurs twice, or if it
     *     has more than 32,768 arrays or a header of more than 16 MiB
     */
    public static Safetensors read(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return opened.content();
        }
    }

    /**
     * Reads a file from its bytes in memory, which another process cannot change.
     *
     * @param file for messages
     * @param bytes all bytes of the file, not to be changed afterwards
     * @throws InvalidFileException as {@link #read(Path)}
     */
    public static Safetensors of(Path file, byte[] bytes) {
        try {
            return read(file, new LoadedContent(bytes)).content();
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    /** Writes the file whole or not at all; the same content gives the same bytes. */
    public void write(Path file) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode text = root.putObject(SafetensorsHeader.METADATA);
            metadata.forEach(text::put);
        }
        long offset = 0;
        for (Map.Entry<String, ArrayData> entry : arrays.entrySet()) {
            ArrayData array = entry.getValue();
            ObjectNode node = root.putObject(entry.getKey());
            node.put("dtype", array.type().name());
            ArrayNode shape = node.putArray("shape");
            Arrays.stream(array.shape()).forEach(shape::add);
            long end = offset + array.bytes().remaining();
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        byte[] header = Arrays.copyOf(json, padded);
        Arrays.fill(header, json.length, padded, (byte) ' ');
        AtomicFiles.write(file, out -> {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(padded)
                    .array());
            out.write(header);
            WritableByteChannel sink = Channels.newChannel(out);
            for (ArrayData array : arrays.values()) {
                ByteBuffer bytes = array.bytes();
                while (bytes.hasRemaining()) {
                    sink.write(bytes);
                }
            }
        });
    }

    /** Where the bytes of a file come from. */
    private interface Content {
        /** Number of bytes. */
        long size() throws IOException;

        /** A copy of some bytes. */
        byte[] copy(long position, int count) throws IOException;

        /** Some bytes, read-only; mapped or in memory. */
        ByteBuffer view(long position, int count) throws IOException;
    }

    /**
     * What a file contains, and where.
     *
     * @param content arrays as views of the file
     * @param positions of the first byte of each array in the file
     */
    record Located(Safetensors content, Map<String, Long> positions) {}

    /** Reads a file that is open. */
    static Located read(Path file, FileChannel channel) throws IOException {
        return read(file, new MappedContent(channel));
    }

    private record MappedContent(FileChannel channel) implements Content {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public byte[] copy(long position, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(count);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, position + buffer.position()) < 0) {
                    throw new IOException("the file ends at byte " + (position + buffer.position()));
                }
            }
            return buffer.array();
        }

        @Override
        public ByteBuffer view(long position, int count) throws IOException {
            return channel.map(FileChannel.MapMode.READ_ONLY, position, count);
        }
    }

    private record LoadedContent(byte[] bytes) implements Content {
        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public byte[] copy(long position, int count) {
            return Arrays.copyOfRange(bytes, (int) position, (int) position + count);
        }

        @Override
        public ByteBuffer view(long position, int count) {
            return ByteBuffer.wrap(bytes, (int) position, count).slice();
        }
    }

    private static Located read(Path file, Content content) throws IOException {
        long size = content.size();
        if (size < 10) {
            throw new InvalidFileException(file, "is not a safetensors file: it has only " + size + " bytes");
        }
        long header = ByteBuffer.wrap(content.copy(0, 8))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        if (header < 2 || header > size - 8) {
            throw new InvalidFileException(
                    file,
                    "is not a complete safetensors file: its header should have " + header + " bytes, but the file has "
                            + size);
        }
        if (header > MAX_HEADER_BYTES) {
            throw new InvalidFileException(
                    file, "has a header of " + header + " bytes; at most " + MAX_HEADER_BYTES + " are read");
        }
        long body = 8 + header;
        SafetensorsHeader parsed = SafetensorsHeader.parse(file, content.copy(8, (int) header), size - body);
        Map<String, Long> positions = new HashMap<>();
        parsed.arrays().forEach(array -> positions.put(array.name(), body + array.begin()));
        return new Located(new Safetensors(parsed.metadata(), arrays(parsed.arrays(), content, body)), positions);
    }

    /**
     * The arrays, many in one view.
     *
     * @param entries contiguous, in the order of the file
     * @param body position of the first array in the file
     */
    private static Map<String, ArrayData> arrays(
            List<SafetensorsHeader.ArrayHeader> entries, Content content, long body) throws IOException {
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        for (int from = 0, to; from < entries.size(); from = to) {
            long begin = entries.get(from).begin();
            to = from + 1;
            while (to < entries.size() && entries.get(to).end() - begin <= Integer.MAX_VALUE) {
                to++;
            }
            ByteBuffer view =
                    content.view(body + begin, (int) (entries.get(to - 1).end() - begin));
            for (SafetensorsHeader.ArrayHeader entry : entries.subList(from, to)) {
                ByteBuffer bytes = view.slice((int) (entry.begin() - begin), (int) (entry.end() - entry.begin()));
                arrays.put(entry.name(), new ArrayData(entry.type(), entry.shape(), bytes));
            }
        }
        return arrays;
    }
}
