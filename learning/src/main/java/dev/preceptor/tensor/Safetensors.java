package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.TextFile;
import dev.preceptor.base.TreeParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
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
    private static final int MAX_HEADER_BYTES = 100_000_000;
    private static final int MAX_ARRAYS = 32_768;
    private static final int MAX_AXES = 16;
    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON = new JsonMapper();
    private static final TreeParser PARSER = new TreeParser(JSON, "JSON", "");

    public Safetensors {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    }

    /**
     * Reads a file.
     *
     * @throws InvalidFileException if the file is missing or truncated, if an offset is wrong or a name occurs twice, or if it
     *     has more than 32,768 arrays
     */
    public static Safetensors read(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 10) {
                throw new InvalidFileException(file, "is not a safetensors file: it has only " + size + " bytes");
            }
            long header = readFully(channel, 0, 8).getLong();
            if (header < 2 || header > MAX_HEADER_BYTES || header > size - 8) {
                throw new InvalidFileException(
                        file,
                        "is not a complete safetensors file: its header should have " + header
                                + " bytes, but the file has " + size);
            }
            JsonNode root = parse(file, readFully(channel, 8, (int) header));
            long body = 8 + header;
            return new Safetensors(metadata(file, root), arrays(file, root, channel, body, size - body));
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    /** Writes the file whole or not at all; the same content gives the same bytes. */
    public void write(Path file) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode text = root.putObject(METADATA);
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

    private static ByteBuffer readFully(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("the file ends at byte " + (position + buffer.position()));
            }
        }
        return buffer.flip();
    }

    private static JsonNode parse(Path file, ByteBuffer header) {
        JsonNode root;
        try {
            root = PARSER.parse(TextFile.decode(header.array()));
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, "is not a safetensors file: its header " + e.getMessage(), e);
        }
        if (!root.isObject()) {
            throw new InvalidFileException(file, "is not a safetensors file: its header is not a JSON object");
        }
        if (root.size() - (root.has(METADATA) ? 1 : 0) > MAX_ARRAYS) {
            throw new InvalidFileException(file, "has " + root.size() + " arrays; at most " + MAX_ARRAYS + " are read");
        }
        return root;
    }

    private static Map<String, String> metadata(Path file, JsonNode root) {
        Map<String, String> metadata = new LinkedHashMap<>();
        root.path(METADATA).properties().forEach(e -> {
            if (!e.getValue().isString()) {
                throw new InvalidFileException(file, "its metadata \"" + e.getKey() + "\" is not a string");
            }
            metadata.put(e.getKey(), e.getValue().stringValue());
        });
        return metadata;
    }

    private record ArrayHeader(String name, ArrayData.Type type, long[] shape, long begin, long end) {}

    private static Map<String, ArrayData> arrays(
            Path file, JsonNode root, FileChannel channel, long body, long available) throws IOException {
        List<ArrayHeader> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> e : root.properties()) {
            if (!e.getKey().equals(METADATA)) {
                entries.add(entry(file, e.getKey(), e.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(ArrayHeader::begin).thenComparingLong(ArrayHeader::end));
        long expected = 0;
        for (ArrayHeader entry : entries) {
            if (entry.begin != expected || entry.end > available) {
                throw new InvalidFileException(
                        file,
                        "array \"" + entry.name + "\" claims bytes " + entry.begin + " to " + entry.end + " of "
                                + available + ", expected a start at " + expected
                                + "; the file is truncated or damaged, copy it again");
            }
            expected = entry.end;
        }
        if (expected != available) {
            throw new InvalidFileException(
                    file, "has " + (available - expected) + " bytes that belong to no array; it is damaged");
        }
        return mapped(entries, channel, body);
    }

    /**
     * Maps the arrays.
     *
     * @param entries contiguous, in the order of the file
     * @param body position of the first array in the file
     */
    private static Map<String, ArrayData> mapped(List<ArrayHeader> entries, FileChannel channel, long body)
            throws IOException {
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        for (int from = 0, to; from < entries.size(); from = to) {
            long begin = entries.get(from).begin;
            to = from + 1;
            while (to < entries.size() && entries.get(to).end - begin <= Integer.MAX_VALUE) {
                to++;
            }
            ByteBuffer mapping =
                    channel.map(FileChannel.MapMode.READ_ONLY, body + begin, entries.get(to - 1).end - begin);
            for (ArrayHeader entry : entries.subList(from, to)) {
                ByteBuffer bytes = mapping.slice((int) (entry.begin - begin), (int) (entry.end - entry.begin));
                arrays.put(entry.name, new ArrayData(entry.type, entry.shape, bytes));
            }
        }
        return arrays;
    }

    private static ArrayHeader entry(Path file, String name, JsonNode node) {
        ArrayData.Type type = Arrays.stream(ArrayData.Type.values())
                .filter(t -> t.name().equals(node.path("dtype").asString("")))
                .findFirst()
                .orElseThrow(() -> new InvalidFileException(
                        file, "array \"" + name + "\" has the unknown type " + node.path("dtype")));
        JsonNode offsets = node.path("data_offsets");
        if (!offsets.isArray() || offsets.size() != 2 || !node.path("shape").isArray()) {
            throw new InvalidFileException(file, "array \"" + name + "\" has no shape, or not two offsets");
        }
        try {
            long[] shape = new long[node.path("shape").size()];
            if (shape.length > MAX_AXES) {
                throw new ArithmeticException(shape.length + " axes, at most " + MAX_AXES + " are read");
            }
            long count = type.size();
            for (int i = 0; i < shape.length; i++) {
                shape[i] = node.path("shape").get(i).longValue();
                if (shape[i] < 0) {
                    throw new ArithmeticException("negative extent");
                }
                count = Math.multiplyExact(count, shape[i]);
            }
            long begin = offsets.get(0).longValue();
            long end = offsets.get(1).longValue();
            if (begin < 0 || end - begin != count || count > Integer.MAX_VALUE) {
                throw new ArithmeticException("bytes " + begin + " to " + end + " for " + count);
            }
            return new ArrayHeader(name, type, shape, begin, end);
        } catch (ArithmeticException | JacksonException e) {
            throw new InvalidFileException(
                    file,
                    "array \"" + name + "\" has a shape that does not match its offsets: "
                            + (e instanceof ArithmeticException ? e.getMessage() : "they must be whole numbers"),
                    e);
        }
    }
}
