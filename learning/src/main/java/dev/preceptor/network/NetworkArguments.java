package dev.preceptor.network;

import dev.preceptor.base.InvalidRecipeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The settings of a network from a recipe or a model file; refuses unknown keys and values out of range by name. */
public final class NetworkArguments {
    private static final int MAX_RESOLUTIONS = 7;

    private final String network;
    private final Map<String, Object> values;

    /**
     * @param network name of the architecture, for messages
     * @param values the settings
     * @param known every key that the architecture has
     * @throws InvalidRecipeException if there is another key
     */
    public NetworkArguments(String network, Map<String, Object> values, String... known) {
        this.network = network;
        this.values = values;
        values.keySet().stream()
                .filter(key -> !Arrays.asList(known).contains(key))
                .findFirst()
                .ifPresent(key -> {
                    throw new InvalidRecipeException("network " + network + " has no setting \"" + key + "\"; it has "
                            + String.join(", ", known));
                });
    }

    /** A whole number within inclusive bounds, or the fallback if the key is absent. */
    public int integer(String key, int fallback, int minimum, int maximum) {
        Object value = values.get(key);
        return value == null ? fallback : checked(key, value, minimum, maximum);
    }

    /** A list of whole numbers within inclusive bounds. */
    public List<Integer> integers(String key, int minimum, int maximum) {
        if (!(values.get(key) instanceof List<?> list)) {
            throw invalid(key, "a list of whole numbers", values.get(key));
        }
        List<Integer> numbers = new ArrayList<>();
        list.forEach(value -> numbers.add(checked(key, value, minimum, maximum)));
        return List.copyOf(numbers);
    }

    /** {@code widths}: the channels of each resolution, from the full one down; 2 to 7 numbers from 1 to 2048. */
    public List<Integer> widths() {
        return widths(1);
    }

    /** {@code widths} of a network that needs more than one channel: 2 to 7 numbers from {@code minimum} to 2048. */
    public List<Integer> widths(int minimum) {
        List<Integer> widths = integers("widths", minimum, 2048);
        if (widths.size() < 2 || widths.size() > MAX_RESOLUTIONS) {
            throw invalid("widths", "2 to " + MAX_RESOLUTIONS + " numbers of channels", widths);
        }
        return widths;
    }

    /** {@link #widths()} under another key, for a network of as many resolutions. */
    List<Integer> widths(String key, int resolutions) {
        List<Integer> widths = integers(key, 1, 2048);
        if (widths.size() != resolutions) {
            throw invalid(key, resolutions + " numbers of channels, as many as widths", widths);
        }
        return widths;
    }

    /** The constant of an enum that the setting names, or the fallback if the key is absent. */
    public <E extends Enum<E>> E choice(String key, E fallback) {
        Object value = values.get(key);
        return value == null
                ? fallback
                : Arrays.stream(fallback.getDeclaringClass().getEnumConstants())
                        .filter(constant -> constant.name().equals(value))
                        .findFirst()
                        .orElseThrow(() -> invalid(
                                key,
                                "one of "
                                        + Arrays.toString(
                                                fallback.getDeclaringClass().getEnumConstants()),
                                value));
    }

    private int checked(String key, Object value, int minimum, int maximum) {
        if (value instanceof Number number
                && number.doubleValue() == number.intValue()
                && number.intValue() >= minimum
                && number.intValue() <= maximum) {
            return number.intValue();
        }
        throw invalid(key, "a whole number from " + minimum + " to " + maximum, value);
    }

    private InvalidRecipeException invalid(String key, String expected, Object found) {
        return new InvalidRecipeException(
                "network." + key + " of " + network + " must be " + expected + ", not " + found);
    }
}
