package dev.preceptor.base;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says in words of the user why a tree cannot be bound to a record. Stateless. */
final class BindingProblem {
    private BindingProblem() {}

    /**
     * One line that names the key, what may stand there and what does.
     *
     * @param tree what was to be bound
     * @param path where the tree stands in the whole; empty at the root
     */
    static String text(JacksonException e, JsonNode tree, String path) {
        StringBuilder key = new StringBuilder(path);
        JsonNode found = tree;
        for (JacksonException.Reference step : e.getPath()) {
            boolean isNamed = step.getPropertyName() != null;
            if (key.length() > 0) {
                key.append('.');
            }
            key.append(isNamed ? step.getPropertyName() : "[" + step.getIndex() + "]");
            if (isNamed) {
                found = found.path(step.getPropertyName());
            } else if (found.isArray()) {
                // A single value may stand for a list of one.
                found = found.path(step.getIndex());
            }
        }
        String subject = key.length() == 0 ? "the whole" : key.toString();
        if (e instanceof UnrecognizedPropertyException unknown) {
            return "unknown key \"" + key + "\"; known here: "
                    + unknown.getKnownPropertyIds().stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        if (found.isMissingNode()) {
            return subject + " is missing";
        }
        Class<?> type = type(e);
        if (type == Object.class || (type.isRecord() && found.isObject())) {
            return subject + " cannot be understood: a value in it is empty or of another kind than it must be: "
                    + Settings.line(found);
        }
        return subject + " must be " + expected(type, found) + ", not " + Settings.line(found);
    }

    private static Class<?> type(JacksonException e) {
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return mismatch.getTargetType();
        }
        return e instanceof InputCoercionException coercion && coercion.getTargetType() != null
                ? coercion.getTargetType()
                : Object.class;
    }

    private static String expected(Class<?> type, JsonNode found) {
        if (type.isRecord()) {
            return "a block of the keys "
                    + Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getName)
                            .collect(Collectors.joining(", "));
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants()).map(String::valueOf).collect(Collectors.joining(", "));
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            String bits = type == int.class || type == Integer.class ? "32" : "64";
            return found.isIntegralNumber() ? "a whole number of " + bits + " bits" : "a whole number";
        }
        if (type == double.class || type == Double.class || type == float.class || type == Float.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type.isArray() || Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        if (type == String.class) {
            return "text";
        }
        return Map.class.isAssignableFrom(type) || JsonNode.class.isAssignableFrom(type)
                ? "a block of keys and values"
                : "another kind of value";
    }
}
