package dev.preceptor.report;

import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.volume.Volume;

/**
 * How often each intensity occurs among the voxels of an image that are not 0, in bins around the range from percentile 0.5 to
 * 99.5; what lies farther out is not counted.
 *
 * @param low lower end of the first bin
 * @param width of a bin, above 0
 * @param counts voxels in each bin
 */
record IntensityHistogram(double low, double width, int[] counts) {
    private static final int BINS = 200;
    private static final double BORDER = 0.1;

    /** @param statistics of the same image, with at least one voxel */
    static IntensityHistogram of(Volume image, IntensityStatistics statistics) {
        double range = statistics.p995() - statistics.p005();
        double span = range > 0 ? range : Math.max(1e-6, 0.01 * Math.abs(statistics.p50()));
        double low = statistics.p005() - BORDER * span;
        double width = (1 + 2 * BORDER) * span / BINS;
        int[] counts = new int[BINS];
        for (float v : image.voxels()) {
            double bin = Math.floor((v - low) / width);
            if (v != 0 && bin >= 0 && bin < BINS) {
                counts[(int) bin]++;
            }
        }
        return new IntensityHistogram(low, width, counts);
    }

    /**
     * The number of voxels in each of equal bins from one intensity to another, as if the voxels were spread evenly within
     * their own bin.
     */
    double[] rebinned(double from, double to, int bins) {
        double[] below = new double[counts.length + 1];
        for (int i = 0; i < counts.length; i++) {
            below[i + 1] = below[i] + counts[i];
        }
        double[] rebinned = new double[bins];
        for (int i = 0; i < bins; i++) {
            double start = from + (to - from) * i / bins;
            double end = from + (to - from) * (i + 1) / bins;
            rebinned[i] = cumulative(below, end) - cumulative(below, start);
        }
        return rebinned;
    }

    private double cumulative(double[] below, double intensity) {
        double at = Math.max(0, Math.min(counts.length, (intensity - low) / width));
        int bin = Math.min(counts.length - 1, (int) at);
        return below[bin] + (at - bin) * counts[bin];
    }
}
