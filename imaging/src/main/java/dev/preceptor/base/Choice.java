package dev.preceptor.base;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A block of settings whose {@code name} says which of several public records it is: each has keys of its own, without type
 * parameters, and a default for each. Immutable.
 *
 * @param <T> what the records have in common
 */
public final class Choice<T> {
    private final String path;
    private final Map<String, T> defaults = new LinkedHashMap<>();

    /** @param path where such a block stands in the whole, for messages */
    public Choice(String path) {
        this.path = path;
    }

    private Choice(String path, Map<String, T> defaults) {
        this(path);
        this.defaults.putAll(defaults);
    }

    /** The same choice with one more name, and the record that stands for it unless keys are given. */
    public Choice<T> or(String name, T record) {
        Choice<T> more = new Choice<>(path, defaults);
        more.defaults.put(name, record);
        return more;
    }

    /** The names that can be chosen, in their order. */
    public List<String> names() {
        return List.copyOf(defaults.keySet());
    }

    /**
     * The record that a block stands for.
     *
     * @throws InvalidRecipeException if its name or a key is unknown, or a value is out of range
     */
    public T read(JsonNode block) {
        T chosen = defaults.get(block.path("name").asString(""));
        if (chosen == null) {
            throw new InvalidRecipeException(path + ".name must be one of " + String.join(", ", names())
                    + (block.path("name").isMissingNode()
                            ? "; there is none in " + Settings.line(block)
                            : ", not " + block.get("name")));
        }
        ObjectNode tree = write(chosen);
        Settings.merge(tree, block, path);
        return make(chosen.getClass(), tree);
    }

    private T make(Class<?> type, ObjectNode tree) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(components)
                .map(c -> (Object) Settings.bind(tree.get(c.getName()), c.getType(), path + "." + c.getName()))
                .toArray();
        try {
            @SuppressWarnings("unchecked")
            T made = (T) type.getConstructor(types).newInstance(values);
            return made;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof PreceptorException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a public record can be made", e);
        }
    }

    /** The block of a record, its name first, every key written out. */
    public ObjectNode write(T chosen) {
        ObjectNode block = Settings.JSON.createObjectNode();
        block.put("name", name(chosen));
        for (RecordComponent component : chosen.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(chosen);
                block.set(component.getName(), Settings.JSON.valueToTree(value));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a public record lets itself be read", e);
            }
        }
        return block;
    }

    /** The name of a record. */
    public String name(T chosen) {
        return defaults.entrySet().stream()
                .filter(known -> known.getValue().getClass() == chosen.getClass())
                .findFirst()
                .orElseThrow()
                .getKey();
    }
}
