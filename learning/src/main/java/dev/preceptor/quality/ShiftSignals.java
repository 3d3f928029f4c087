package dev.preceptor.quality;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * By how much a subject differs from the training, in numbers that are known at prediction: 0 for one like the mean of the training,
 * and larger the less it resembles them. Of several sequences the largest counts.
 *
 * <ul>
 *   <li>{@code blur}: by how much the {@linkplain Sharpness sharpness} is lower, the mean over the axes;
 *   <li>{@code noise}: by how much it is higher;
 *   <li>{@code intensity}: the score of {@link Guard#INTENSITY_RANGE};
 *   <li>{@code lesion}: the score of {@link Guard#UNSEEN_LESION}; 0 if the training did not measure lesions.
 * </ul>
 *
 * @param values by name
 */
record ShiftSignals(Map<String, Double> values) {
    static final List<String> NAMES = List.of("blur", "noise", "intensity", "lesion");

    ShiftSignals {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    double of(String name) {
        return values.getOrDefault(name, 0.0);
    }

    /** Compares a subject with the training. */
    static ShiftSignals of(GuardProfile training, ImageMeasures subject) {
        double blur = 0;
        double noise = 0;
        double intensity = 0;
        for (Map.Entry<String, List<Double>> image : subject.images().entrySet()) {
            ImageReference reference = training.images().get(image.getKey());
            if (reference != null) {
                blur = Math.max(blur, excess(reference.sharpness(), ImageMeasures.sharpness(image.getValue())));
                noise = Math.max(noise, excess(ImageMeasures.sharpness(image.getValue()), reference.sharpness()));
                intensity =
                        Math.max(intensity, reference.intensityDifference(ImageMeasures.quantiles(image.getValue())));
            }
        }
        double lesion = training.lesion().isEmpty() || subject.lesion().isEmpty()
                ? 0
                : training.lesion().get(0).largest(subject.lesion()).size();
        return new ShiftSignals(Map.of("blur", blur, "noise", noise, "intensity", intensity, "lesion", lesion));
    }

    /** The mean over the axes of what one sharpness is above the other; 0 if one of them is not known. */
    private static double excess(List<Double> upper, List<Double> lower) {
        double sum = 0;
        int axes = Math.min(upper.size(), lower.size());
        for (int axis = 0; axis < axes; axis++) {
            sum += Math.max(0, upper.get(axis) - lower.get(axis)) / axes;
        }
        return sum;
    }
}
