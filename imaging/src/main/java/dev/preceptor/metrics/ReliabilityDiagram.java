package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The calibration of probabilities over a set of voxels, in bins of equal width.
 *
 * @param voxels how many voxels are measured
 * @param brier Brier score: the mean squared difference between the probability and the truth (0 or 1), from 0 to 1
 * @param expectedError expected calibration error, from 0 to 1: the mean over voxels of the difference between the mean
 *     probability of their bin and the fraction of its voxels inside the region (Guo et al., ICML 2017, for the probability
 *     of the region)
 * @param bins {@link #BINS} calibration bins from 0 to 1; the last one includes 1
 */
public record ReliabilityDiagram(long voxels, double brier, double expectedError, List<Bin> bins) {
    /** The number of calibration bins. */
    public static final int BINS = 15;

    public ReliabilityDiagram {
        bins = List.copyOf(bins);
    }

    /**
     * One calibration bin.
     *
     * @param voxels how many voxels have a probability in this bin
     * @param meanProbability of these voxels; NaN if there are none
     * @param frequency the fraction of these voxels inside the region; NaN if there are none
     */
    public record Bin(long voxels, double meanProbability, double frequency) {
        private double gap() {
            return voxels == 0 ? 0 : Math.abs(meanProbability - frequency);
        }
    }

    /**
     * Measures the voxels of a box.
     *
     * @param probabilities one for each voxel of the grid, x-fastest, each from 0 to 1
     * @param reference the voxels inside the region
     * @param ignored voxels that no figure counts
     * @param size of the grid
     * @param box within the grid
     */
    static ReliabilityDiagram of(float[] probabilities, BitSet reference, BitSet ignored, Size size, Box box) {
        long[] counts = new long[BINS];
        long[] inside = new long[BINS];
        double[] sums = new double[BINS];
        double squares = 0;
        for (int z = box.z0(); z < box.z1(); z++) {
            for (int y = box.y0(); y < box.y1(); y++) {
                int start = size.index(box.x0(), y, z);
                for (int i = start; i < start + box.x1() - box.x0(); i++) {
                    if (ignored.get(i)) {
                        continue;
                    }
                    double p = probabilities[i];
                    int truth = reference.get(i) ? 1 : 0;
                    int bin = Math.min(BINS - 1, (int) (p * BINS));
                    counts[bin]++;
                    inside[bin] += truth;
                    sums[bin] += p;
                    squares += (p - truth) * (p - truth);
                }
            }
        }
        long voxels = Arrays.stream(counts).sum();
        List<Bin> bins = new ArrayList<>();
        double gaps = 0;
        for (int i = 0; i < BINS; i++) {
            Bin bin = new Bin(counts[i], sums[i] / counts[i], (double) inside[i] / counts[i]);
            bins.add(bin);
            gaps += bin.gap() * counts[i];
        }
        return new ReliabilityDiagram(voxels, squares / voxels, gaps / voxels, bins);
    }
}
