package dev.preceptor.metrics;

import dev.preceptor.volume.Size;
import dev.preceptor.volume.VoxelRuns;
import java.util.BitSet;

/**
 * Dice averaged over the slices of the first axis, as the code of MTCM-KD computes it: a slice with the intersection I and
 * the sum of both masks S scores (2 I + 1e-6) / (S + 1e-6), which is 1 if both masks are empty there. For small regions it
 * is far above volumetric Dice, so tables name the one that they hold, and files of scores the convention that decides it.
 */
final class SliceDice {
    private static final double EPSILON = 1e-6;

    private SliceDice() {}

    static double of(BitSet prediction, BitSet reference, Size size) {
        BitSet both = (BitSet) prediction.clone();
        both.and(reference);
        long[] predicted = counts(prediction, size);
        long[] referenced = counts(reference, size);
        long[] intersections = counts(both, size);
        double total = 0;
        for (int x = 0; x < size.x(); x++) {
            total += (2 * intersections[x] + EPSILON) / (predicted[x] + referenced[x] + EPSILON);
        }
        return total / size.x();
    }

    /** The number of voxels in each slice: where a run starts and ends, the number of runs changes. */
    private static long[] counts(BitSet mask, Size size) {
        long[] counts = new long[size.x() + 1];
        VoxelRuns.forEach(mask, size.x(), (start, end) -> {
            counts[start % size.x()]++;
            counts[(end - 1) % size.x() + 1]--;
        });
        for (int x = 1; x < counts.length; x++) {
            counts[x] += counts[x - 1];
        }
        return counts;
    }
}
