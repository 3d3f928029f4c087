package dev.preceptor.quality;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fits what the {@linkplain ShiftSignals signals} of a shift take off the expected Dice of one region, and both intervals, on validation
 * subjects and degraded copies of them.
 *
 * <p>The line of {@link RegionQuality} stays. The weights are those that explain, by non-negative least squares with a ridge penalty, by
 * how much it is too high for the copies. The intervals are conformal, from residuals of subjects that are left out of line and weights in
 * turn, together with their copies: one interval for the subjects and for the copies that no signal tells from them, one for the other
 * copies. Since copies of one subject are alike, each subject counts once, whatever the number of its copies (the pooled distributions of
 * Dunn, Wasserman and Ramdas, JASA 118, 2023).
 */
final class ShiftFit {
    private static final int SWEEPS = 200;

    private final double[] promised;
    private final double[] actual;
    private final List<Copy> copies;
    private final Map<String, Double> levels = new LinkedHashMap<>();
    private final Map<String, Double> limits = new LinkedHashMap<>();

    /**
     * A degraded copy of a validation subject.
     *
     * @param subject its index
     * @param promised Dice of the copy
     * @param actual Dice of the copy
     * @param signals of the copy
     */
    record Copy(int subject, double promised, double actual, ShiftSignals signals) {}

    /**
     * @param quality the line, with the interval for subjects like those of the validation and for copies like them
     * @param shift what the other copies lose; empty if too few subjects have such copies
     */
    record Fitted(RegionQuality quality, Optional<ShiftQuality> shift) {}

    private record Residual(int subject, double size) {}

    /**
     * @param promised Dice of each validation subject
     * @param actual their Dice
     * @param undegraded the signals of good subjects: of these and of the training
     * @param copies of some or all of them
     */
    ShiftFit(double[] promised, double[] actual, List<ShiftSignals> undegraded, List<Copy> copies) {
        this.promised = promised;
        this.actual = actual;
        this.copies = List.copyOf(copies);
        for (String name : ShiftSignals.NAMES) {
            levels.put(name, largest(undegraded, name));
            limits.put(name, largest(copies.stream().map(Copy::signals).toList(), name));
        }
    }

    private static double largest(List<ShiftSignals> subjects, String name) {
        return ImageReference.rounded(
                subjects.stream().mapToDouble(signals -> signals.of(name)).max().orElse(0));
    }

    Fitted fit() {
        List<Residual> alike = new ArrayList<>();
        List<Residual> shifted = new ArrayList<>();
        for (int i = 0; i < promised.length; i++) {
            RegionQuality.Line line = RegionQuality.Line.without(promised, actual, i);
            ShiftQuality others = new ShiftQuality(levels, limits, weights(line, i), 1, 1, 1);
            alike.add(new Residual(i, Math.abs(actual[i] - line.dice(promised[i]))));
            for (Copy copy : copies) {
                if (copy.subject == i) {
                    double deduction = others.deduction(copy.signals);
                    double dice = Math.max(0, line.dice(copy.promised) - deduction);
                    (deduction > 0 ? shifted : alike).add(new Residual(i, Math.abs(copy.actual - dice)));
                }
            }
        }
        RegionQuality.Line line = RegionQuality.Line.of(promised, actual);
        RegionQuality quality = line.quality(halfWidth(alike), coverage(alike), promised.length);
        return new Fitted(
                quality,
                subjects(shifted) < RegionQuality.LEAST_SUBJECTS
                        ? Optional.empty()
                        : Optional.of(new ShiftQuality(
                                levels,
                                limits,
                                weights(line, -1),
                                halfWidth(shifted),
                                coverage(shifted),
                                copies.size())));
    }

    /** The weights without the copies of one subject, by coordinate descent. */
    private Map<String, Double> weights(RegionQuality.Line line, int leftOut) {
        List<Copy> used =
                copies.stream().filter(copy -> copy.subject != leftOut).toList();
        int count = ShiftSignals.NAMES.size();
        double[][] excess = new double[used.size()][count];
        double[] left = new double[used.size()];
        double[] squares = new double[count];
        for (int i = 0; i < left.length; i++) {
            left[i] = line.dice(used.get(i).promised) - used.get(i).actual;
            for (int k = 0; k < count; k++) {
                String name = ShiftSignals.NAMES.get(k);
                excess[i][k] = Math.max(0, used.get(i).signals.of(name) - levels.get(name));
                squares[k] += excess[i][k] * excess[i][k];
            }
        }
        // Ridge penalty worth one subject without deduction.
        double penalty = 1.0
                / Math.max(1, used.stream().mapToInt(Copy::subject).distinct().count());
        double[] weights = new double[count];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int k = 0; k < count; k++) {
                if (squares[k] > 0) {
                    double product = 0;
                    for (int i = 0; i < left.length; i++) {
                        product += excess[i][k] * (left[i] + weights[k] * excess[i][k]);
                    }
                    double weight = Math.max(0, product / (squares[k] * (1 + penalty)));
                    for (int i = 0; i < left.length; i++) {
                        left[i] -= (weight - weights[k]) * excess[i][k];
                    }
                    weights[k] = weight;
                }
            }
        }
        Map<String, Double> named = new LinkedHashMap<>();
        for (int k = 0; k < count; k++) {
            named.put(ShiftSignals.NAMES.get(k), ImageReference.rounded(weights[k]));
        }
        return named;
    }

    private static long subjects(List<Residual> residuals) {
        return residuals.stream().mapToInt(Residual::subject).distinct().count();
    }

    /** What an interval can cover that rests on so many subjects. */
    private static double coverage(List<Residual> residuals) {
        double subjects = subjects(residuals);
        return ImageReference.rounded(Math.min(RegionQuality.COVERAGE, subjects / (subjects + 1)));
    }

    /** The residual below which the subjects, each with all its residuals, have the share of {@link #coverage} and one subject more. */
    private static double halfWidth(List<Residual> residuals) {
        double subjects = subjects(residuals);
        double wanted = Math.min(RegionQuality.COVERAGE * (subjects + 1), subjects);
        double below = 0;
        List<Residual> sorted = residuals.stream()
                .sorted(Comparator.comparingDouble(Residual::size))
                .toList();
        for (Residual residual : sorted) {
            below += 1.0
                    / residuals.stream()
                            .filter(other -> other.subject == residual.subject)
                            .count();
            if (below >= wanted - 1e-9) {
                return ImageReference.rounded(Math.min(1, residual.size));
            }
        }
        return 1;
    }
}
