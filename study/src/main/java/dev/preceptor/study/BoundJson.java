package dev.preceptor.study;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** Reads records from the files that {@link JsonFiles} wrote. Stateless. */
final class BoundJson {
    private BoundJson() {}

    /**
     * Reads a record.
     *
     * @param otherwise the message if the file holds something else
     * @throws InvalidFileException if it cannot be read or holds something else
     */
    static <T> T read(Path file, Class<T> type, String otherwise) {
        JsonNode tree = JsonFiles.read(file);
        try {
            return Settings.bind(tree, type, "");
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, otherwise + ": " + e.getMessage(), e);
        }
    }
}
