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
import tools.jackson.databind.node.ObjectNode;

/**
 * Trees of settings: given values laid over defaults and bound to records, refusing every key and value that nobody would
 * read. Stateless, thread-safe.
 */
public final class Settings {
    /** Reads and writes JSON, strictly but that a list of one may be written without brackets; pretty-printed. */
    public static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final TreeParser PARSER = new TreeParser(JSON, "JSON", "");

    private Settings() {}

    /**
     * Lays given values over defaults, in place. Lists and plain values replace; objects merge, key by key; an empty object
     * among the defaults takes whatever is given, and so does one whose {@code name} is another than the given one's.
     *
     * @param path where the trees stand in the whole, for messages; empty at the root
     * @throws InvalidRecipeException if a key has no default, naming it and the keys there are
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
            if (defaults.get(key) instanceof ObjectNode inner && !areOfDifferentNames(inner, entry.getValue())) {
                merge(inner, entry.getValue(), full);
            } else {
                defaults.set(key, entry.getValue());
            }
        }
    }

    /**
     * Lays one tree of given values over another, in place: objects merge unless they have different values of {@code name},
     * which makes them different things; everything else is replaced.
     */
    public static void overlay(ObjectNode tree, ObjectNode over) {
        for (Map.Entry<String, JsonNode> entry : over.properties()) {
            if (tree.get(entry.getKey()) instanceof ObjectNode inner
                    && entry.getValue() instanceof ObjectNode upper
                    && !areOfDifferentNames(inner, upper)) {
                overlay(inner, upper);
            } else {
                tree.set(entry.getKey(), entry.getValue());
            }
        }
    }

    private static boolean areOfDifferentNames(JsonNode lower, JsonNode upper) {
        return lower.has("name") && upper.has("name") && !lower.get("name").equals(upper.get("name"));
    }

    /** Everything in a tree that is no block, by its path with dots. */
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
     * @throws PreceptorException without the name of a file, if it is none or has a key twice
     */
    public static JsonNode parse(String json) {
        return PARSER.parse(json);
    }

    /**
     * Binds a whole tree to a record.
     *
     * @param path where the tree stands in the whole, for messages; empty at the root
     * @throws InvalidRecipeException if a value has the wrong type or is out of range
     */
    public static <T> T bind(JsonNode tree, Class<T> type, String path) {
        try {
            return JSON.treeToValue(tree, type);
        } catch (JacksonException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof PreceptorException own) {
                    throw new InvalidRecipeException(own.getMessage(), own);
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
     * Refuses a setting that cannot be.
     *
     * @param key the setting with all its parents, as in {@code sampling.patch}
     * @param expected what may stand there, to be read after "must be"
     * @throws InvalidRecipeException unless {@code holds}
     */
    public static void require(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new InvalidRecipeException(key + " must be " + expected + ", not " + found);
        }
    }
}
