package dev.preceptor.quality;

import dev.preceptor.base.InvalidRecipeException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Temperature scaling (Guo et al., ICML 2017) of the probability of each region: its log odds are divided by the temperature. A
 * probability of 0.5 stays, so that no mask changes. Networks with a softmax have the same temperature for all regions, so that the
 * probability of a region inside another one stays the smaller.
 *
 * @param byRegion the temperature by the name of the region, 0.1 to 10; regions without one keep their probabilities
 */
public record Temperatures(Map<String, Double> byRegion) {
    /** Changes no probability. */
    public static final Temperatures NONE = new Temperatures(Map.of());

    private static final double LEAST = 0.1;
    private static final double MOST = 10;

    /** @throws InvalidRecipeException if a temperature is out of range */
    public Temperatures {
        byRegion = Collections.unmodifiableMap(new TreeMap<>(byRegion));
        byRegion.forEach((region, temperature) -> {
            if (!(temperature >= LEAST && temperature <= MOST)) {
                throw new InvalidRecipeException(
                        "the temperature of " + region + " must be 0.1 to 10, not " + temperature);
            }
        });
    }

    /** The temperature of a region, 1 if there is none. */
    public double of(String region) {
        return byRegion.getOrDefault(region, 1.0);
    }

    /**
     * The temperature that minimises the negative log likelihood of all voxels of some subjects, by golden-section search; 1 if no
     * voxel lies in the region.
     */
    static double fit(List<LogitHistogram> histograms) {
        if (histograms.stream().mapToDouble(LogitHistogram::positives).sum() == 0) {
            return 1;
        }
        double low = Math.log(LEAST);
        double high = Math.log(MOST);
        double ratio = (Math.sqrt(5) - 1) / 2;
        while (high - low > 1e-4) {
            double left = high - ratio * (high - low);
            double right = low + ratio * (high - low);
            if (loss(histograms, left) <= loss(histograms, right)) {
                high = right;
            } else {
                low = left;
            }
        }
        double found = ImageReference.rounded(Math.exp((low + high) / 2));
        return Math.max(LEAST, Math.min(MOST, found));
    }

    private static double loss(List<LogitHistogram> histograms, double logTemperature) {
        double temperature = Math.exp(logTemperature);
        return histograms.stream()
                .mapToDouble(histogram -> histogram.negativeLogLikelihood(temperature))
                .sum();
    }

    /** The temperatures of an ensemble: for each region the geometric mean of those of the members, 1 for one without. */
    public static Temperatures mean(List<Temperatures> members) {
        Map<String, Double> mean = new TreeMap<>();
        members.forEach(member -> member.byRegion.keySet().forEach(region -> {
            double logarithms = 0;
            for (Temperatures each : members) {
                logarithms += Math.log(each.of(region)) / members.size();
            }
            mean.put(region, Math.max(LEAST, Math.min(MOST, Math.exp(logarithms))));
        }));
        return new Temperatures(mean);
    }

    /**
     * Calibrates probabilities in place.
     *
     * @param regions their names, in order
     * @param probabilities of each region, 0 to 1; they are replaced by the calibrated ones
     */
    public void calibrate(List<String> regions, List<float[]> probabilities) {
        for (int r = 0; r < regions.size(); r++) {
            double temperature = of(regions.get(r));
            if (temperature != 1) {
                calibrate(probabilities.get(r), temperature);
            }
        }
    }

    private static void calibrate(float[] probabilities, double temperature) {
        SmallProbabilities small =
                new SmallProbabilities(p -> p == 0 ? 0 : 1 / (1 + Math.pow((1 - p) / p, 1 / temperature)));
        for (int i = 0; i < probabilities.length; i++) {
            float p = probabilities[i];
            if (p > 0.5f) {
                // Rounding must not move a voxel across the border of the mask.
                probabilities[i] = Math.max(1 - small.at(1 - p), Math.nextUp(0.5f));
            } else {
                probabilities[i] = Math.min(small.at(p), 0.5f);
            }
        }
    }
}
