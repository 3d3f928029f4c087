package dev.preceptor.model;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What the weights of a network are called in a file of another program. Both sides of a pair may contain {@code *}, each of which
 * stands for the same text on both: {@code encoder.*.0.conv.* -> down.*.a.*}. A weight without a pair has the same name.
 *
 * @param pairs from Preceptor's names to those of the file
 */
public record WeightNames(Map<String, String> pairs) {
    /** Every weight has the same name. */
    public static final WeightNames SAME = new WeightNames(Map.of());

    /** @throws PreceptorException if the sides of a pair have different numbers of {@code *} */
    public WeightNames {
        pairs = Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
        pairs.forEach((ours, theirs) -> {
            if (stars(ours) != stars(theirs)) {
                throw new PreceptorException(
                        "the pair of names \"" + ours + "\" and \"" + theirs + "\" must have as many * on both sides");
            }
        });
    }

    private static long stars(String pattern) {
        return pattern.chars().filter(c -> c == '*').count();
    }

    /**
     * Reads a JSON object of names.
     *
     * @throws InvalidFileException if the file is not an object of strings, or a pair is not valid
     */
    public static WeightNames read(Path file) {
        JsonNode tree = JsonFiles.read(file);
        if (!tree.isObject() || !tree.valueStream().allMatch(JsonNode::isString)) {
            throw new InvalidFileException(
                    file, "must be a JSON object from Preceptor's names to those of the weights");
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        tree.properties()
                .forEach(pair -> pairs.put(pair.getKey(), pair.getValue().stringValue()));
        try {
            return new WeightNames(pairs);
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    /**
     * The name in the file of a weight.
     *
     * @throws PreceptorException if several patterns match it and none of the pairs is its exact name
     */
    String theirs(String ours) {
        String exact = pairs.get(ours);
        if (exact != null) {
            return exact;
        }
        List<String> matching = new ArrayList<>();
        String theirs = ours;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            Matcher match = pattern(pair.getKey()).matcher(ours);
            if (match.matches()) {
                matching.add(pair.getKey());
                theirs = filled(pair.getValue(), match);
            }
        }
        if (matching.size() > 1) {
            throw new PreceptorException(
                    "the weight " + ours + " matches the names " + matching + "; give it a pair of its own");
        }
        return theirs;
    }

    /** Whether a name matches a pattern of literal text and {@code *}. */
    static boolean matches(String pattern, String name) {
        return pattern(pattern).matcher(name).matches();
    }

    /** Each star takes as little as possible, but something. */
    private static Pattern pattern(String text) {
        StringBuilder regex = new StringBuilder();
        for (String literal : text.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : "(.+?)").append(Pattern.quote(literal));
        }
        return Pattern.compile(regex.toString());
    }

    private static String filled(String theirs, Matcher match) {
        StringBuilder name = new StringBuilder();
        int star = 0;
        for (String literal : theirs.split("\\*", -1)) {
            name.append(star == 0 ? "" : match.group(star)).append(literal);
            star++;
        }
        return name.toString();
    }
}
