package dev.preceptor.quality;

import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Where a lesion lies, how large and how bright it is: the natural logarithm of its volume in ml plus 0.1; the position of its centre
 * relative to that of the brain, in standard deviations of the brain, as distance from the midplane, anterior and superior; and its
 * mean z-score in each sequence. Of an empty mask only the volume is known.
 *
 * @param values in this order; NaN if unknown
 */
record LesionFeatures(List<Double> values) {
    private static final int BEFORE_INTENSITIES = 4;
    private static final double LEAST_ML = 0.1;

    /** The standard deviations of volume, position and intensities that are assumed at least. */
    static double leastDeviation(int feature) {
        return feature == 0 ? 0.5 : feature < BEFORE_INTENSITIES ? 0.2 : 0.3;
    }

    /** A phrase for a feature that is unlike the training. */
    static String phrase(int feature, double difference, List<String> sequences) {
        if (feature == 0) {
            return "its volume is " + (difference < 0 ? "smaller" : "larger");
        }
        return feature < BEFORE_INTENSITIES
                ? "it lies elsewhere"
                : "it is " + (difference < 0 ? "darker" : "brighter") + " in "
                        + sequences.get(feature - BEFORE_INTENSITIES);
    }

    /**
     * Measures a lesion.
     *
     * @param mask by voxel index
     * @param volumes of the sequences; null for one that is missing
     * @param images the same reduced
     */
    static LesionFeatures of(BitSet mask, List<Volume> volumes, List<CoarseImage> images) {
        List<Double> values = new ArrayList<>();
        int first = 0;
        while (volumes.get(first) == null) {
            first++;
        }
        double count = mask.cardinality();
        values.add(Math.log(count * volumes.get(first).grid().voxelVolume() / 1000 + LEAST_ML));
        double[] position =
                position(mask, volumes.get(first).size(), images.get(first).frame());
        values.add(count == 0 ? Double.NaN : Math.abs(position[0]));
        values.add(count == 0 ? Double.NaN : position[1]);
        values.add(count == 0 ? Double.NaN : position[2]);
        for (int s = 0; s < volumes.size(); s++) {
            double sum = Double.NaN;
            if (volumes.get(s) != null && count > 0) {
                sum = 0;
                float[] voxels = volumes.get(s).voxels();
                for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
                    sum += images.get(s).frame().z(voxels[i]);
                }
            }
            values.add(sum / count);
        }
        return new LesionFeatures(values);
    }

    private static double[] position(BitSet mask, Size size, CoarseImage.Frame frame) {
        double[] sums = new double[3];
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            sums[0] += i % size.x();
            sums[1] += i / size.x() % size.y();
            sums[2] += i / size.x() / size.y();
        }
        double[] position = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            double spread = Math.max(1e-6, frame.spread()[axis]);
            double offset = (sums[axis] / Math.max(1, mask.cardinality()) - frame.centre()[axis]) / spread;
            position[frame.orientation().worldAxis(axis)] = frame.orientation().isNegative(axis) ? -offset : offset;
        }
        return position;
    }
}
