package dev.preceptor.http;

import tools.jackson.databind.json.JsonMapper;

/** JSON without line breaks, as answers and events carry it; undefined numbers are {@code null}. Stateless, thread-safe. */
public final class OneLineJson {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private OneLineJson() {}

    /** A value of maps, lists, records, strings and numbers as JSON. */
    public static String of(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** The body of an error. */
    static String error(String message) {
        return of(java.util.Map.of("error", message)) + "\n";
    }
}
