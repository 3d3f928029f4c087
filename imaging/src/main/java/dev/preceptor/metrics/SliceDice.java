package dev.preceptor.metrics;

import dev.preceptor.volume.Size;
import java.util.BitSet;

/**
 * Dice averaged over the slices of the first axis, as the code of MTCM-KD computes it: a slice with the intersection I and
 * the sum of both masks S scores (2 I + 1e-6) / (S + 1e-6), which is 1 if both masks are empty there. For small regions it
 * is far above volumetric Dice, so the two are always reported under different names.
 */
final class SliceDice {
    private static final double EPSILON = 1e-6;

    private SliceDice() {}

    static double of(BitSet prediction, BitSet reference, Size size) {
        long[] sums = new long[size.x()];
        long[] intersections = new long[size.x()];
        for (int i = prediction.nextSetBit(0); i >= 0; i = prediction.nextSetBit(i + 1)) {
            sums[i % size.x()]++;
            if (reference.get(i)) {
                intersections[i % size.x()]++;
            }
        }
        for (int i = reference.nextSetBit(0); i >= 0; i = reference.nextSetBit(i + 1)) {
            sums[i % size.x()]++;
        }
        double total = 0;
        for (int x = 0; x < size.x(); x++) {
            total += (2 * intersections[x] + EPSILON) / (sums[x] + EPSILON);
        }
        return total / size.x();
    }
}
