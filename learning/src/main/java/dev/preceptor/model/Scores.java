package dev.preceptor.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The scores of a model on validation subjects.
 *
 * @param convention name of the convention for empty masks
 * @param subjects which subjects, in words
 * @param count number of subjects
 * @param figures scores by region, then by name, such as {@code WT -> dice -> 0.87}; NaN and infinite ones are left out
 */
public record Scores(String convention, String subjects, int count, Map<String, Map<String, Double>> figures) {
    /** A model that has not been scored. */
    public static final Scores NONE = new Scores("none", "not scored", 0, Map.of());

    public Scores {
        if (count < 0) {
            throw new IllegalArgumentException("a count of subjects must not be negative: " + count);
        }
        Map<String, Map<String, Double>> finiteByRegion = new LinkedHashMap<>();
        figures.forEach((region, values) -> {
            Map<String, Double> finite = new LinkedHashMap<>();
            values.forEach((figure, value) -> {
                if (value != null && Double.isFinite(value)) {
                    finite.put(figure, value);
                }
            });
            finiteByRegion.put(region, java.util.Collections.unmodifiableMap(finite));
        });
        figures = java.util.Collections.unmodifiableMap(finiteByRegion);
    }
}
