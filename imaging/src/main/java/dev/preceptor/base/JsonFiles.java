package dev.preceptor.base;

import java.nio.file.Path;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as Preceptor reads and writes it: indented, and with bare {@code NaN} for figures that do not exist, as Python and
 * nnU-Net write them. Stateless, thread-safe.
 */
public final class JsonFiles {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    private static final TreeParser PARSER = new TreeParser(MAPPER, "JSON", "");
    private static final int MOST_BYTES = 64 << 20;

    private JsonFiles() {}

    /** Maps, lists, records, strings and numbers as indented text. */
    public static String text(Object value) {
        return MAPPER.writeValueAsString(value) + "\n";
    }

    /** Writes a value whole or not at all. */
    public static void write(Path file, Object value) {
        AtomicFiles.writeString(file, text(value));
    }

    /**
     * Reads a file of at most 64 MiB.
     *
     * @throws InvalidFileException if it cannot be read, is no JSON or has a key twice, with the line
     */
    public static JsonNode read(Path file) {
        String text = TextFile.read(file, MOST_BYTES);
        try {
            return PARSER.parse(text);
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }
}
