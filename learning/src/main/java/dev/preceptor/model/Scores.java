package dev.preceptor.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures that a model earned on validation subjects.
 *
 * @param convention name of the convention by which they were computed
 * @param subjects on which subjects, in words
 * @param count how many subjects
 * @param figures by region, then by name of the figure, such as {@code WT -> dice -> 0.87}; figures that are not finite are
 *     left out
 */
public record Scores(String convention, String subjects, int count, Map<String, Map<String, Double>> figures) {
    /** A model that has not been scored. */
    public static final Scores NONE = new Scores("none", "not scored", 0, Map.of());

    public Scores {
        if (count < 0) {
            throw new IllegalArgumentException("a count of subjects must not be negative: " + count);
        }
        Map<String, Map<String, Double>> kept = new LinkedHashMap<>();
        figures.forEach((region, values) -> {
            Map<String, Double> finite = new LinkedHashMap<>();
            values.forEach((figure, value) -> {
                if (value != null && Double.isFinite(value)) {
                    finite.put(figure, value);
                }
            });
            kept.put(region, java.util.Collections.unmodifiableMap(finite));
        });
        figures = java.util.Collections.unmodifiableMap(kept);
    }
}
