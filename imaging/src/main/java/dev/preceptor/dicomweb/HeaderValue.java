package dev.preceptor.dicomweb;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The value of a header with parameters, such as {@code multipart/related; type="application/dicom"; boundary=X}.
 *
 * @param value the text before the first semicolon, in lower case, without blanks around it
 * @param parameters values without quotes by name in lower case, in their order; of a repeated name the first value counts
 */
public record HeaderValue(String value, Map<String, String> parameters) {
    public HeaderValue {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /**
     * Parses a header leniently: blanks around the parts are dropped, a backslash escapes only a quote or a backslash (some
     * browsers write bare backslashes in file names), and a quote that is never closed counts as part of a value that ends
     * at the next semicolon. Every text has a value; none is refused.
     */
    public static HeaderValue parse(String text) {
        int end = semicolon(text, 0);
        String value = text.substring(0, end).strip().toLowerCase(Locale.ROOT);
        Map<String, String> parameters = new LinkedHashMap<>();
        int at = end;
        while (at < text.length()) {
            int begin = at + 1;
            int equals = text.indexOf('=', begin);
            int stop = semicolon(text, begin);
            if (equals < 0 || equals > stop) {
                at = stop;
                continue;
            }
            String name = text.substring(begin, equals).strip().toLowerCase(Locale.ROOT);
            int from = equals + 1;
            while (from < text.length() && isBlank(text.charAt(from))) {
                from++;
            }
            int close = from < text.length() && text.charAt(from) == '"' ? closingQuote(text, from + 1) : -1;
            if (close < 0) {
                at = semicolon(text, from);
                parameters.putIfAbsent(
                        name, text.substring(from, at).replace("\"", "").strip());
            } else {
                parameters.putIfAbsent(name, unescaped(text.substring(from + 1, close)));
                at = semicolon(text, close);
            }
        }
        return new HeaderValue(value, parameters);
    }

    /** The value of a parameter by its name in lower case, if it is there and not empty. */
    public Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(found -> !found.isEmpty());
    }

    private static int semicolon(String text, int from) {
        int found = text.indexOf(';', from);
        return found < 0 ? text.length() : found;
    }

    private static boolean isBlank(char character) {
        return character == ' ' || character == '\t';
    }

    /** The position of the quote that ends a quoted text; -1 if there is none. */
    private static int closingQuote(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (isEscape(text, i)) {
                i++;
            } else if (text.charAt(i) == '"') {
                return i;
            }
        }
        return -1;
    }

    private static boolean isEscape(String text, int at) {
        return text.charAt(at) == '\\'
                && at + 1 < text.length()
                && (text.charAt(at + 1) == '"' || text.charAt(at + 1) == '\\');
    }

    private static String unescaped(String quoted) {
        StringBuilder plain = new StringBuilder(quoted.length());
        for (int i = 0; i < quoted.length(); i++) {
            if (isEscape(quoted, i)) {
                i++;
            }
            plain.append(quoted.charAt(i));
        }
        return plain.toString();
    }
}
