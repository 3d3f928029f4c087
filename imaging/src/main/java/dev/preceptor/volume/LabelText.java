package dev.preceptor.volume;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The one-line form of label values, such as {@code BRATS_2018 {1 NCR, 2 ED, 4 ET}}. A class name that contains a comma, a
 * brace, a quote or a backslash is quoted, with a backslash before each quote and backslash.
 *
 * @param name before the braces, may be empty
 * @param values the class of each value
 */
record LabelText(String name, Map<Integer, LabelClass> values) {
    private static final Pattern WHOLE = Pattern.compile("([^{}\"]*)\\{(.*)\\}");
    private static final Pattern ENTRY =
            Pattern.compile("\\G\\s*([0-9]{1,3}) (?:\"((?:[^\"\\\\]|\\\\[\"\\\\])*+)\"|([^,{}\"\\\\]*+))\\s*(,|$)");

    static String of(String name, Map<Integer, LabelClass> values) {
        return values.entrySet().stream()
                .map(e -> e.getKey() + " " + quoted(e.getValue().name()))
                .collect(Collectors.joining(", ", name + " {", "}"));
    }

    static String quoted(String name) {
        return name.matches("[^,{}\"\\\\]*") ? name : '"' + name.replaceAll("[\"\\\\]", "\\\\$0") + '"';
    }

    static Optional<LabelText> parse(String text) {
        Matcher whole = WHOLE.matcher(text.strip());
        if (!whole.matches()) {
            return Optional.empty();
        }
        Map<Integer, LabelClass> values = new LinkedHashMap<>();
        String list = whole.group(2).strip();
        Matcher entry = ENTRY.matcher(list);
        boolean isOpen = !list.isEmpty();
        while (isOpen) {
            if (!entry.find()) {
                return Optional.empty();
            }
            int value = Integer.parseInt(entry.group(1));
            String name = entry.group(2) != null
                    ? entry.group(2).replaceAll("\\\\(.)", "$1")
                    : entry.group(3).strip();
            if (value < 1
                    || value > LabelSpace.LARGEST_VALUE
                    || !LabelClass.isName(name)
                    || values.containsKey(value)) {
                return Optional.empty();
            }
            values.put(value, new LabelClass(name));
            isOpen = entry.group(4).equals(",");
        }
        return Optional.of(new LabelText(whole.group(1).strip(), values));
    }
}
