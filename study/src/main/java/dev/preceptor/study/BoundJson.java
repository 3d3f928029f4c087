package dev.preceptor.study;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** Reads records from what {@link JsonFiles} wrote. Stateless. */
final class BoundJson {
    private BoundJson() {}

    /**
     * Reads a record.
     *
     * @param otherwise the message if the file holds something else
     * @throws InvalidFileException if it cannot be read or holds something else
     */
    static <T> T read(Path file, Class<T> type, String otherwise) {
        return of(JsonFiles.read(file), file, type, otherwise);
    }

    /**
     * A record from the tree of a file.
     *
     * @param otherwise the message if it holds something else
     * @throws InvalidFileException if it holds something else
     */
    static <T> T of(JsonNode tree, Path file, Class<T> type, String otherwise) {
        try {
            return bind(tree, type);
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, otherwise + ": " + e.getMessage(), e);
        }
    }

    /**
     * A record from the bytes of such a file.
     *
     * @param otherwise the message if they hold something else
     * @throws PreceptorException if they hold something else
     */
    static <T> T of(byte[] bytes, Class<T> type, String otherwise) {
        try {
            return bind(JsonFiles.parse(new String(bytes, StandardCharsets.UTF_8)), type);
        } catch (PreceptorException e) {
            throw new PreceptorException(otherwise + ": " + e.getMessage(), e);
        }
    }

    private static <T> T bind(JsonNode tree, Class<T> type) {
        if (tree.isMissingNode() || tree.isNull()) {
            throw new PreceptorException("it is empty");
        }
        return Settings.bind(tree, type, "");
    }
}
