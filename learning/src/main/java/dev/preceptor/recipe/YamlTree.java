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

/** Reads and writes the YAML of recipes and studies: a block of keys and values at the root. Stateless and thread-safe. */
public final class YamlTree {
    static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .disable(YAMLWriteFeature.USE_NATIVE_TYPE_ID)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .build();

    /** Far above any recipe or study; the parser's time grows with the square of the length of a scalar. */
    private static final int MAX_BYTES = 256 << 10;

    private static final TreeParser PARSER = new TreeParser(
            YAML,
            "YAML",
            "; look there for a tab, a missing colon, wrong indentation, or a quote or bracket that is not closed");

    private YamlTree() {}

    /**
     * Reads a file of at most 256 KiB with a block of keys and values.
     *
     * @throws dev.preceptor.base.InvalidFileException if the file cannot be read as text
     * @throws InvalidRecipeException if the content is not such a block or repeats a key; the message names the line but not
     *     the file
     */
    public static ObjectNode read(Path file) {
        return parse(TextFile.read(file, MAX_BYTES));
    }

    /**
     * Parses a block of keys and values.
     *
     * @throws InvalidRecipeException if the text is not such a block or repeats a key; the message names the line
     */
    public static ObjectNode parse(String text) {
        if (value(text) instanceof ObjectNode object) {
            return object;
        }
        throw new InvalidRecipeException("is not a YAML block of keys and values");
    }

    /**
     * Parses any value; blank text gives a missing node.
     *
     * @throws InvalidRecipeException if the text is not YAML or repeats a key
     */
    static JsonNode value(String text) {
        try {
            return PARSER.parse(text);
        } catch (PreceptorException e) {
            throw new InvalidRecipeException(e.getMessage(), e);
        }
    }

    /** A tree as YAML, its keys in their order. */
    public static String text(JsonNode tree) {
        return YAML.writeValueAsString(tree);
    }
}
