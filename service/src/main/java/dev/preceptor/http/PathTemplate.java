package dev.preceptor.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path with parameters: {@code /api/jobs/{id}}. A parameter is one segment of letters, digits, dots, hyphens and underscores that does
 * not begin with a dot, so that no parameter leads to another folder. The last one may be {@code {name*}}: one or more such segments.
 */
final class PathTemplate {
    private static final String SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}";
    private static final Pattern PARAMETER = Pattern.compile("\\{([a-z]+)(\\*?)}");

    private final String text;
    private final Pattern pattern;
    private final List<String> names = new ArrayList<>();

    PathTemplate(String text) {
        this.text = text;
        StringBuilder expression = new StringBuilder();
        Matcher parameters = PARAMETER.matcher(text);
        int end = 0;
        while (parameters.find()) {
            expression.append(Pattern.quote(text.substring(end, parameters.start())));
            boolean isRest = !parameters.group(2).isEmpty();
            expression
                    .append('(')
                    .append(SEGMENT)
                    .append(isRest ? "(?:/" + SEGMENT + ")*" : "")
                    .append(')');
            names.add(parameters.group(1));
            end = parameters.end();
        }
        pattern = Pattern.compile(expression + Pattern.quote(text.substring(end)));
    }

    /** The parameters by name, if the path is of this form. */
    Optional<Map<String, String>> match(String path) {
        Matcher matcher = pattern.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new java.util.TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            parameters.put(names.get(i), matcher.group(i + 1));
        }
        return Optional.of(parameters);
    }

    @Override
    public String toString() {
        return text;
    }
}
