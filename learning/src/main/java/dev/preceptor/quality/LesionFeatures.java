package dev.preceptor.quality;

import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a lesion lies, how large and how bright it is.
 *
 * @param geometry the natural logarithm of the volume in ml plus 0.1, and the position of the centre relative to that of the brain, in
 *     standard deviations of the brain: distance from the midplane, anterior, superior. The position of an empty mask is NaN
 * @param intensities the mean z-score in each sequence by name; NaN for an empty mask
 */
record LesionFeatures(List<Double> geometry, Map<String, Double> intensities) {
    private static final int GEOMETRY = 4;
    private static final double LEAST_ML = 0.1;

    LesionFeatures {
        geometry = List.copyOf(geometry);
        intensities = Collections.unmodifiableMap(new TreeMap<>(intensities));
    }

    /** Whether the mask has no voxel. */
    boolean isEmpty() {
        return Double.isNaN(geometry.get(1));
    }

    /** The geometry, then the intensities of some sequences; NaN for one that is missing. */
    List<Double> values(List<String> sequences) {
        List<Double> values = new ArrayList<>(geometry);
        sequences.forEach(sequence -> values.add(intensities.getOrDefault(sequence, Double.NaN)));
        return values;
    }

    /** The standard deviation that is assumed at least, of one of the {@link #values}. */
    static double leastDeviation(int feature) {
        return feature == 0 ? 0.5 : feature < GEOMETRY ? 0.2 : 0.3;
    }

    /** A phrase for one of the {@link #values} that is unlike the training. */
    static String phrase(int feature, double difference, List<String> sequences) {
        if (feature == 0) {
            return difference < 0 ? "it is smaller" : "it is larger";
        }
        return feature < GEOMETRY
                ? "it lies elsewhere"
                : (difference < 0 ? "it is darker in " : "it is brighter in ") + sequences.get(feature - GEOMETRY);
    }

    /** The geometry of a mask on the grid of an image. */
    static List<Double> geometry(BitSet mask, Volume volume, CoarseImage image) {
        double count = mask.cardinality();
        Size size = volume.size();
        double[] sums = new double[3];
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            sums[0] += i % size.x();
            sums[1] += i / size.x() % size.y();
            sums[2] += i / size.x() / size.y();
        }
        CoarseImage.Frame frame = image.frame();
        Double[] position = new Double[3];
        for (int axis = 0; axis < 3; axis++) {
            double offset = (sums[axis] / count - frame.centre()[axis]) / Math.max(1e-6, frame.spread()[axis]);
            position[frame.orientation().worldAxis(axis)] = frame.orientation().isNegative(axis) ? -offset : offset;
        }
        double volumeMl = count * volume.grid().voxelVolume() / 1000;
        return List.of(Math.log(volumeMl + LEAST_ML), Math.abs(position[0]), position[1], position[2]);
    }

    /** The mean z-score of a mask in an image. */
    static double intensity(BitSet mask, Volume volume, CoarseImage image) {
        double sum = 0;
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            sum += image.frame().z(volume.voxels()[i]);
        }
        return sum / mask.cardinality();
    }
}
