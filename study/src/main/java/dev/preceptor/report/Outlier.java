package dev.preceptor.report;

import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.volume.Quantile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A subject whose intensities differ from those of the cohort.
 *
 * @param subject its id
 * @param figure which figure differs most
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

    private static final Map<String, ToDoubleFunction<IntensityStatistics>> FIGURES = Map.of(
            "median", IntensityStatistics::p50,
            "standard deviation", IntensityStatistics::std,
            "percentile 99.5", IntensityStatistics::p995);

    /** The outliers among the images of one sequence by subject, the farthest first. */
    static List<Outlier> among(Map<String, IntensityStatistics> images) {
        List<Outlier> found = new ArrayList<>();
        if (images.size() < LEAST_SUBJECTS) {
            return found;
        }
        FIGURES.forEach((figure, of) -> found.addAll(among(images, figure, of)));
        found.sort(Comparator.comparingDouble(Outlier::score)
                .reversed()
                .thenComparing(Outlier::subject)
                .thenComparing(Outlier::figure));
        List<Outlier> first = new ArrayList<>();
        for (Outlier outlier : found) {
            if (first.stream().noneMatch(other -> other.subject().equals(outlier.subject()))) {
                first.add(outlier);
            }
        }
        return first;
    }

    private static List<Outlier> among(
            Map<String, IntensityStatistics> images, String figure, ToDoubleFunction<IntensityStatistics> of) {
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
                found.add(new Outlier(subject, figure, of.applyAsDouble(image), usual, score));
            }
        });
        return found;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return Quantile.of(values, 0.5);
    }
}
