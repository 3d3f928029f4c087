package dev.preceptor.train;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Reason;
import tools.jackson.core.JacksonException;
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

    private YamlTree() {}

    /**
     * Reads a block of keys and values.
     *
     * @throws InvalidRecipeException if it is none, in one line that names the line
     */
    public static ObjectNode parse(String text) {
        try {
            JsonNode tree = YAML.readTree(text);
            if (tree instanceof ObjectNode object) {
                return object;
            }
            throw new InvalidRecipeException("is no YAML block of keys and values");
        } catch (JacksonException e) {
            throw new InvalidRecipeException(
                    "is not valid YAML" + Reason.at(e)
                            + "; look there for a tab, a missing colon, wrong indentation, or a quote or bracket that is not closed",
                    e);
        }
    }

    /** A tree as text, its keys in their order. */
    public static String text(JsonNode tree) {
        return YAML.writeValueAsString(tree);
    }
}
