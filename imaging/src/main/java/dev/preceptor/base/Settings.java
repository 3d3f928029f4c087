package dev.preceptor.base;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

/**
 * Merges trees of settings and binds them to records. Unknown keys and values of a wrong type are refused. Stateless and
 * thread-safe.
 */
public final class Settings {
    /**
     * Reads and writes JSON, indented. Unknown, missing and repeated keys are errors; a list of one value may be written
     * without brackets. Blocks of a {@link NamedBlock} have the defaults of their record.
     */
    public static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .addModule(new SimpleModule("named blocks").setDeserializerModifier(new NamedBlockDeserializer.Modifier()))
            .build();

    private static final TreeParser PARSER = new TreeParser(JSON, "JSON", "");

    private Settings() {}

    /**
     * Merges given values into defaults, in place. Lists, numbers, texts and switches replace the default; blocks merge key
     * by key. A block with another {@code name} than the default block replaces it, and an empty default block accepts any
     * keys.
     *
     * @param path the path of both trees in the whole, for messages; empty at the root
     * @throws InvalidRecipeException if a key has no default, naming it and the known keys, or a key has no value
     */
    public static void merge(ObjectNode defaults, JsonNode given, String path) {
        if (given == null || given.isNull() || given.isMissingNode()) {
            return;
        }
        if (!given.isObject()) {
            throw new InvalidRecipeException(path + " must be a block of keys and values, not " + given);
        }
        List<String> known = List.copyOf(defaults.propertyNames());
        for (Map.Entry<String, JsonNode> entry : given.properties()) {
            String key = entry.getKey();
            String full = path.isEmpty() ? key : path + "." + key;
            if (!known.isEmpty() && !known.contains(key)) {
                throw new InvalidRecipeException(
                        "unknown key \"" + full + "\"; known here: " + String.join(", ", known));
            }
            if (entry.getValue().isNull()) {
                throw new InvalidRecipeException(full + " has no value; give it one or leave it out");
            }
            if (defaults.get(key) instanceof ObjectNode inner && !haveDifferentNames(inner, entry.getValue())) {
                merge(inner, entry.getValue(), full);
            } else {
                defaults.set(key, entry.getValue());
            }
        }
    }

    /**
     * Merges one tree of given values into another, in place: blocks merge key by key unless their {@code name} differs;
     * everything else is replaced.
     */
    public static void overlay(ObjectNode tree, ObjectNode over) {
        for (Map.Entry<String, JsonNode> entry : over.properties()) {
            if (tree.get(entry.getKey()) instanceof ObjectNode inner
                    && entry.getValue() instanceof ObjectNode upper
                    && !haveDifferentNames(inner, upper)) {
                overlay(inner, upper);
            } else {
                tree.set(entry.getKey(), entry.getValue());
            }
        }
    }

    private static boolean haveDifferentNames(JsonNode lower, JsonNode upper) {
        return lower.has("name") && upper.has("name") && !lower.get("name").equals(upper.get("name"));
    }

    /** The values of a tree that are not blocks, by their paths with dots. */
    public static Map<String, JsonNode> leaves(JsonNode tree) {
        Map<String, JsonNode> leaves = new LinkedHashMap<>();
        leaves("", tree, leaves);
        return leaves;
    }

    private static void leaves(String path, JsonNode tree, Map<String, JsonNode> leaves) {
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            String full = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            if (entry.getValue().isObject()) {
                leaves(full, entry.getValue(), leaves);
            } else {
                leaves.put(full, entry.getValue());
            }
        }
    }

    /** A tree on one line, as JSON. */
    public static String line(JsonNode tree) {
        return JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(tree);
    }

    /**
     * Parses JSON.
     *
     * @throws PreceptorException without the name of a file, if the text is not JSON or repeats a key
     */
    public static JsonNode parse(String json) {
        return PARSER.parse(json);
    }

    /**
     * Binds a tree to a record.
     *
     * @param path the path of the tree in the whole, for messages; empty at the root
     * @throws InvalidRecipeException if a value has the wrong type or is out of range
     */
    public static <T> T bind(JsonNode tree, Class<T> type, String path) {
        try {
            return JSON.treeToValue(tree, type);
        } catch (JacksonException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof PreceptorException refusal) {
                    throw new InvalidRecipeException(refusal.getMessage(), refusal);
                }
            }
            String where = e.getPath().stream()
                    .map(r -> r.getPropertyName() == null ? "[" + r.getIndex() + "]" : r.getPropertyName())
                    .collect(Collectors.joining("."));
            String key = path.isEmpty() ? where : where.isEmpty() ? path : path + "." + where;
            String reason = Reason.of(e);
            throw new InvalidRecipeException(
                    reason.startsWith("it must be ") ? key + reason.substring(2) : key + ": " + reason, e);
        }
    }

    /**
     * Refuses an invalid setting.
     *
     * @param key the path of the setting, as in {@code sampling.patch}
     * @param expected the valid values, as the end of a sentence after "must be"
     * @throws InvalidRecipeException unless {@code holds}
     */
    public static void require(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new InvalidRecipeException(key + " must be " + expected + ", not " + found);
        }
    }

    /**
     * Refuses a weight of a loss that is negative, not a number, or a million and more.
     *
     * @param key its key in the recipe
     * @throws InvalidRecipeException if it is refused
     */
    public static void requireWeight(String key, double weight) {
        require(weight >= 0 && weight < 1e6, key, "a number of at least 0", weight);
    }
}
