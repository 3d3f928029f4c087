package dev.preceptor.network;

import dev.preceptor.base.InvalidRecipeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads the settings of a network out of a recipe or a model file, refusing what is unknown or out of range. */
final class Arguments {
    private static final int MOST_RESOLUTIONS = 7;

    private final String network;
    private final Map<String, Object> values;

    Arguments(String network, Map<String, Object> values, String... known) {
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

    /** A whole number within bounds, both inclusive. */
    int integer(String key, int fallback, int least, int most) {
        Object value = values.get(key);
        return value == null ? fallback : checked(key, value, least, most);
    }

    /** A list of whole numbers within bounds, both inclusive. */
    List<Integer> integers(String key, int least, int most) {
        if (!(values.get(key) instanceof List<?> list)) {
            throw invalid(key, "a list of whole numbers", values.get(key));
        }
        List<Integer> numbers = new ArrayList<>();
        list.forEach(value -> numbers.add(checked(key, value, least, most)));
        return List.copyOf(numbers);
    }

    /** {@code widths}: the channels of each resolution from the full one down, 2 to 7 of them. */
    List<Integer> widths() {
        List<Integer> widths = integers("widths", 1, 2048);
        if (widths.size() < 2 || widths.size() > MOST_RESOLUTIONS) {
            throw invalid("widths", "2 to " + MOST_RESOLUTIONS + " numbers of channels", widths);
        }
        return widths;
    }

    /** One of the names of an enum. */
    <E extends Enum<E>> E choice(String key, E fallback) {
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

    private int checked(String key, Object value, int least, int most) {
        if (value instanceof Number number
                && number.doubleValue() == number.intValue()
                && number.intValue() >= least
                && number.intValue() <= most) {
            return number.intValue();
        }
        throw invalid(key, "a whole number from " + least + " to " + most, value);
    }

    InvalidRecipeException invalid(String key, String expected, Object found) {
        return new InvalidRecipeException(
                "network." + key + " of " + network + " must be " + expected + ", not " + found);
    }
}
