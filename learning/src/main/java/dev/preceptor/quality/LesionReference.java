package dev.preceptor.quality;

import dev.preceptor.base.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * Mean and standard deviation of the features of the lesions of a training, as stored in a model file: logarithm of the volume,
 * three of the position, and an intensity for each input sequence.
 *
 * @param mean of each feature
 * @param deviation of each feature, at least the smallest that is assumed
 */
public record LesionReference(List<Double> mean, List<Double> deviation) {
    public LesionReference {
        mean = ImageReference.numbers(mean, mean.size(), "mean");
        deviation = ImageReference.numbers(deviation, mean.size(), "deviation");
        Settings.require(deviation.stream().allMatch(value -> value > 0), "deviation", "above 0", deviation);
    }

    /** The feature that differs most, with the number of standard deviations by which it does. */
    record Difference(int feature, double deviations) {
        double size() {
            return Math.abs(deviations);
        }
    }

    /** Of the features of at least one lesion. */
    static LesionReference of(List<List<Double>> lesions) {
        List<Double> mean = new ArrayList<>();
        List<Double> deviation = new ArrayList<>();
        for (int k = 0; k < lesions.get(0).size(); k++) {
            int feature = k;
            double[] values = lesions.stream()
                    .mapToDouble(lesion -> lesion.get(feature))
                    .filter(Double::isFinite)
                    .toArray();
            double average = 0;
            for (double value : values) {
                average += value / values.length;
            }
            double squares = 0;
            for (double value : values) {
                squares += (value - average) * (value - average) / values.length;
            }
            mean.add(ImageReference.rounded(average));
            deviation.add(ImageReference.rounded(Math.max(Math.sqrt(squares), LesionFeatures.leastDeviation(feature))));
        }
        return new LesionReference(mean, deviation);
    }

    /** The largest difference of a lesion in standard deviations. */
    Difference largest(List<Double> lesion) {
        Difference largest = new Difference(0, 0);
        for (int k = 0; k < Math.min(mean.size(), lesion.size()); k++) {
            double deviations = (lesion.get(k) - mean.get(k)) / deviation.get(k);
            if (Math.abs(deviations) > largest.size()) {
                largest = new Difference(k, deviations);
            }
        }
        return largest;
    }
}
