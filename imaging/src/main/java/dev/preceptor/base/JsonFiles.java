package dev.preceptor.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
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
     * Reads a file.
     *
     * @throws InvalidFileException if it cannot be read or is no JSON, with the line
     */
    public static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        } catch (JacksonException e) {
            throw new InvalidFileException(file, "is not valid JSON" + Reason.at(e), e);
        }
    }
}
