package dev.preceptor.metrics;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * How far predicted probabilities are to be believed, over some voxels.
 *
 * @param voxels how many
 * @param brier the mean squared difference between the probability and the truth, 0 or 1; between 0 and 1
 * @param expectedError the mean over voxels of the gap between their bin's mean probability and the share of its voxels that
 *     are inside: expected calibration error, between 0 and 1 (Guo et al., ICML 2017, for the probability of the region)
 * @param bins of equal width over 0 to 1, the last one with 1
 */
public record ReliabilityDiagram(long voxels, double brier, double expectedError, List<Bin> bins) {
    /** How many bins there are. */
    public static final int BINS = 15;

    public ReliabilityDiagram {
        bins = List.copyOf(bins);
    }

    /**
     * The voxels of one bin.
     *
     * @param voxels how many
     * @param meanProbability NaN if there are none
     * @param frequency the share of them that are inside the region; NaN if there are none
     */
    public record Bin(long voxels, double meanProbability, double frequency) {
        private double gap() {
            return voxels == 0 ? 0 : Math.abs(meanProbability - frequency);
        }
    }

    /**
     * Over the voxels of a box.
     *
     * @param probabilities between 0 and 1, one for each voxel of the grid, x-fastest
     * @param reference the voxels that are inside
     * @param ignored voxels that do not count
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
