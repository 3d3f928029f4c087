package dev.preceptor.report;

import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.volume.Quantile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A subject whose intensities differ from those of the cohort.
 *
 * @param subject its id
 * @param figure which figure differs
 * @param value of the subject
 * @param usual the median of the cohort
 * @param score the modified z score of the figure: the distance from the median in robust standard deviations
 */
record Outlier(String subject, String figure, double value, double usual, double score) {
    /** With fewer subjects it is not known what is usual. */
    static final int LEAST_SUBJECTS = 5;

    /** Recommended by Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993). */
    private static final double LIMIT = 3.5;

    /** The scale of MRI is arbitrary: what differs by less than a factor of 1.7 never stands out. */
    private static final double LEAST_DEVIATION = 0.1;

    private static final double NORMAL = 0.6745;

    /** The first that differs is named: it is the easiest to see in a histogram. */
    private static final List<Figure> FIGURES = List.of(
            new Figure("median", IntensityStatistics::p50),
            new Figure("percentile 99.5", IntensityStatistics::p995),
            new Figure("standard deviation", IntensityStatistics::std));

    private record Figure(String name, ToDoubleFunction<IntensityStatistics> of) {}

    /** The outliers among the images of one sequence by subject, the farthest first. */
    static List<Outlier> among(Map<String, IntensityStatistics> images) {
        Map<String, Outlier> bySubject = new LinkedHashMap<>();
        if (images.size() >= LEAST_SUBJECTS) {
            FIGURES.forEach(figure ->
                    among(images, figure).forEach(outlier -> bySubject.putIfAbsent(outlier.subject(), outlier)));
        }
        return bySubject.values().stream()
                .sorted(Comparator.comparingDouble(Outlier::score).reversed().thenComparing(Outlier::subject))
                .toList();
    }

    private static List<Outlier> among(Map<String, IntensityStatistics> images, Figure figure) {
        ToDoubleFunction<IntensityStatistics> of = figure.of();
        boolean isPositive = images.values().stream().allMatch(image -> of.applyAsDouble(image) > 0);
        ToDoubleFunction<IntensityStatistics> scaled = isPositive ? image -> Math.log(of.applyAsDouble(image)) : of;
        double median = median(images.values().stream().mapToDouble(scaled).toArray());
        double deviation = median(images.values().stream()
                .mapToDouble(image -> Math.abs(scaled.applyAsDouble(image) - median))
                .toArray());
        double spread = median(
                images.values().stream().mapToDouble(IntensityStatistics::std).toArray());
        double least = LEAST_DEVIATION * (isPositive ? 1 : spread);
        double scale = Math.max(Math.max(deviation, least), Double.MIN_NORMAL);
        double usual = median(images.values().stream().mapToDouble(of).toArray());
        List<Outlier> found = new ArrayList<>();
        images.forEach((subject, image) -> {
            double score = NORMAL * Math.abs(scaled.applyAsDouble(image) - median) / scale;
            if (score > LIMIT) {
                found.add(new Outlier(subject, figure.name(), of.applyAsDouble(image), usual, score));
            }
        });
        return found;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return Quantile.of(values, 0.5);
    }
}
