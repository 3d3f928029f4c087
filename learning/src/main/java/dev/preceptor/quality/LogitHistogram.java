package dev.preceptor.quality;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many voxels of a subject have which log odds of one region, in bins of 0.05 from -16 to 16, and how many of them lie in the
 * region. Voxels whose probability is 0 are left out.
 */
public final class LogitHistogram {
    private static final double WIDTH = 0.05;
    private static final double LARGEST = 16;
    private static final int BINS = (int) Math.round(2 * LARGEST / WIDTH) + 1;

    private static final SmallProbabilities LOGITS = new SmallProbabilities(LogitHistogram::logit);

    private final double[] all = new double[BINS];
    private final double[] inside = new double[BINS];
    private final double voxelMl;

    private LogitHistogram(double voxelMl) {
        this.voxelMl = voxelMl;
    }

    /**
     * Counts the voxels of an image.
     *
     * @param probabilities of a region, 0 to 1
     * @param voxelMl volume of a voxel in ml
     */
    public static LogitHistogram of(float[] probabilities, double voxelMl) {
        return of(probabilities, new BitSet(), new BitSet(), voxelMl);
    }

    /**
     * Counts the voxels of an image with a reference.
     *
     * @param reference the voxels in the region
     * @param ignored the voxels that do not count
     */
    public static LogitHistogram of(float[] probabilities, BitSet reference, BitSet ignored, double voxelMl) {
        LogitHistogram histogram = new LogitHistogram(voxelMl);
        for (int i = 0; i < probabilities.length; i++) {
            if (probabilities[i] > 0 && !ignored.get(i)) {
                float p = probabilities[i];
                int bin = bin(p > 0.5f ? -LOGITS.at(1 - p) : LOGITS.at(p), p > 0.5f);
                histogram.all[bin]++;
                if (reference.get(i)) {
                    histogram.inside[bin]++;
                }
            }
        }
        return histogram;
    }

    /** The log odds of a probability, -16 to 16. */
    static double logit(double probability) {
        return Math.max(-LARGEST, Math.min(LARGEST, Math.log(probability / (1 - probability))));
    }

    /** The bin of log odds; those of voxels in the mask are above 0, all others below. */
    private static int bin(double logit, boolean isInMask) {
        int bin = (int) Math.rint((logit + LARGEST) / WIDTH);
        int zero = (BINS - 1) / 2;
        return bin == zero ? (isInMask ? zero + 1 : zero - 1) : bin;
    }

    private static double logitOf(int bin) {
        return bin * WIDTH - LARGEST;
    }

    /** The counts by name, to send them to other processes; bins without voxels are left out. */
    public Map<String, Double> toMap(String prefix) {
        Map<String, Double> map = new TreeMap<>();
        map.put(prefix + "ml", voxelMl);
        for (int bin = 0; bin < BINS; bin++) {
            if (all[bin] > 0) {
                map.put(prefix + "all" + bin, all[bin]);
            }
            if (inside[bin] > 0) {
                map.put(prefix + "in" + bin, inside[bin]);
            }
        }
        return map;
    }

    /** The histogram of {@link #toMap}. */
    public static LogitHistogram of(Map<String, Double> map, String prefix) {
        LogitHistogram histogram = new LogitHistogram(map.get(prefix + "ml"));
        for (int bin = 0; bin < BINS; bin++) {
            histogram.all[bin] = map.getOrDefault(prefix + "all" + bin, 0.0);
            histogram.inside[bin] = map.getOrDefault(prefix + "in" + bin, 0.0);
        }
        return histogram;
    }

    /** The number of voxels in the region. */
    double positives() {
        double sum = 0;
        for (double count : inside) {
            sum += count;
        }
        return sum;
    }

    /**
     * The negative log likelihood of the reference, in nats, if log odds are divided by a temperature; the sum over the voxels.
     */
    double negativeLogLikelihood(double temperature) {
        double sum = 0;
        for (int bin = 0; bin < BINS; bin++) {
            if (all[bin] > 0) {
                double logit = logitOf(bin) / temperature;
                sum += inside[bin] * Math.log1p(Math.exp(-logit))
                        + (all[bin] - inside[bin]) * Math.log1p(Math.exp(logit));
            }
        }
        return sum;
    }

    /**
     * The Dice that the probabilities promise for the mask of all voxels above 0.5: twice the expected number of voxels in both,
     * divided by the size of the mask plus the expected size of the region. 0.1 ml are added above and below the line, so that an
     * empty mask without any doubt has 1.
     */
    double expectedDice(double temperature) {
        double both = 0;
        double mask = 0;
        double expected = 0;
        for (int bin = 0; bin < BINS; bin++) {
            if (all[bin] > 0) {
                double probability = 1 / (1 + Math.exp(-logitOf(bin) / temperature));
                expected += all[bin] * probability;
                if (logitOf(bin) > 0) {
                    both += all[bin] * probability;
                    mask += all[bin];
                }
            }
        }
        double smooth = 0.1 / voxelMl;
        return (2 * both + smooth) / (mask + expected + smooth);
    }
}
