package dev.preceptor.quality;

import dev.preceptor.base.Settings;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is taken off the expected Dice of a subject that differs from the training: for each signal its weight times what it exceeds the
 * level that the subjects of training and validation have at most, fitted on degraded copies of them ({@link ShiftFit}). It never raises an
 * expectation.
 *
 * @param levels of the signals by name, up to which nothing is taken off, at least 0
 * @param limits of the signals by name, the largest of the copies: a larger signal counts as this one
 * @param weights of the signals by name, in Dice for each unit above the level, at least 0
 * @param halfWidth of the interval where something is taken off, 0 to 1
 * @param coverage share of degraded subjects whose Dice the interval should contain, at most 0.9
 * @param copies the number of degraded copies on which it rests
 */
public record ShiftQuality(
        Map<String, Double> levels,
        Map<String, Double> limits,
        Map<String, Double> weights,
        double halfWidth,
        double coverage,
        int copies) {
    public ShiftQuality {
        levels = Collections.unmodifiableMap(new TreeMap<>(levels));
        limits = Collections.unmodifiableMap(new TreeMap<>(limits));
        weights = Collections.unmodifiableMap(new TreeMap<>(weights));
        require("levels", levels);
        require("limits", limits);
        require("weights", weights);
        Settings.require(halfWidth >= 0 && halfWidth <= 1, "halfWidth", "a number from 0 to 1", halfWidth);
        Settings.require(coverage > 0 && coverage <= 1, "coverage", "a share above 0, at most 1", coverage);
        Settings.require(copies >= 1, "copies", "at least 1", copies);
    }

    private static void require(String key, Map<String, Double> numbers) {
        numbers.forEach((name, number) -> {
            Settings.require(ShiftSignals.NAMES.contains(name), key, "of " + ShiftSignals.NAMES, name);
            Settings.require(
                    number >= 0 && Double.isFinite(number), key + '.' + name, "a number of at least 0", number);
        });
    }

    /** What is taken off the expected Dice, at least 0. */
    double deduction(ShiftSignals signals) {
        double sum = 0;
        for (Map.Entry<String, Double> weight : weights.entrySet()) {
            double level = levels.getOrDefault(weight.getKey(), 0.0);
            double limit = limits.getOrDefault(weight.getKey(), Double.POSITIVE_INFINITY);
            sum += weight.getValue() * Math.max(0, Math.min(limit, signals.of(weight.getKey())) - level);
        }
        return sum;
    }
}
