package dev.preceptor.base;

import java.nio.file.Path;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes JSON files: indented, with bare {@code NaN} for undefined numbers, as Python and nnU-Net write them.
 * Stateless, thread-safe.
 */
public final class JsonFiles {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    private static final TreeParser PARSER = new TreeParser(MAPPER, "JSON", "");
    private static final int MAX_BYTES = 64 << 20;

    private JsonFiles() {}

    /** A value of maps, lists, records, strings and numbers as indented JSON that ends with a line break. */
    public static String text(Object value) {
        return MAPPER.writeValueAsString(value) + "\n";
    }

    /** Writes a value as JSON, completely or not at all. */
    public static void write(Path file, Object value) {
        AtomicFiles.writeString(file, text(value));
    }

    /**
     * Parses a text such as {@link #text} makes.
     *
     * @throws PreceptorException with the line, if it is not JSON or repeats a key within one object
     */
    public static JsonNode parse(String text) {
        return PARSER.parse(text);
    }

    /**
     * Reads a file of at most 64 MiB.
     *
     * @throws InvalidFileException with the line, if the file cannot be read, is not JSON, or repeats a key within one
     *     object
     */
    public static JsonNode read(Path file) {
        return read(file, MAX_BYTES);
    }

    /**
     * Reads a file that may be larger.
     *
     * @param maxBytes of the file
     * @throws InvalidFileException as {@link #read(Path)}
     */
    public static JsonNode read(Path file, int maxBytes) {
        String text = TextFile.read(file, maxBytes);
        try {
            return parse(text);
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }
}
