package dev.preceptor.recipe;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.TextFile;
import dev.preceptor.base.TreeParser;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** YAML as recipes and studies are written in: a block of keys and values at the root. Stateless, thread-safe. */
public final class YamlTree {
    static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .disable(YAMLWriteFeature.USE_NATIVE_TYPE_ID)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .build();

    /** Longer texts are no recipes or studies, and the parser's time grows with the square of a scalar's length. */
    private static final int MOST_BYTES = 256 << 10;

    private static final TreeParser PARSER = new TreeParser(
            YAML,
            "YAML",
            "; look there for a tab, a missing colon, wrong indentation, or a quote or bracket that is not closed");

    private YamlTree() {}

    /**
     * Reads a file of at most 256 KiB with a block of keys and values.
     *
     * @throws dev.preceptor.base.InvalidFileException if the file cannot be read as text
     * @throws InvalidRecipeException without the name of the file, if it holds something else or a key twice, with the line
     */
    public static ObjectNode read(Path file) {
        return parse(TextFile.read(file, MOST_BYTES));
    }

    /**
     * Parses a block of keys and values.
     *
     * @throws InvalidRecipeException if it is something else or has a key twice, in one line that names the line
     */
    public static ObjectNode parse(String text) {
        if (value(text) instanceof ObjectNode object) {
            return object;
        }
        throw new InvalidRecipeException("is no YAML block of keys and values");
    }

    /**
     * Parses any value; a missing node for a blank text.
     *
     * @throws InvalidRecipeException if it is no YAML or has a key twice
     */
    static JsonNode value(String text) {
        try {
            return PARSER.parse(text);
        } catch (PreceptorException e) {
            throw new InvalidRecipeException(e.getMessage(), e);
        }
    }

    /** A tree as text, its keys in their order. */
    public static String text(JsonNode tree) {
        return YAML.writeValueAsString(tree);
    }
}
