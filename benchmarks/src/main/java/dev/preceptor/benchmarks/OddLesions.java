package dev.preceptor.benchmarks;

import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntToDoubleFunction;

/** Lesions that no network should find, made from the labelled one of a subject and its image. */
final class OddLesions {
    private OddLesions() {}

    /** From the labelled lesion and the image to another lesion, by name. */
    static Map<String, BiFunction<BitSet, Volume, BitSet>> ways() {
        Map<String, BiFunction<BitSet, Volume, BitSet>> ways = new LinkedHashMap<>();
        ways.put("no lesion", (lesion, image) -> new BitSet());
        ways.put(
                "its innermost twentieth",
                (lesion, image) -> smallest(lesion, lesion.cardinality() / 20, distance(image, centre(lesion, image))));
        ways.put(
                "a third of the brain about it",
                (lesion, image) ->
                        smallest(brain(image), brain(image).cardinality() / 3, distance(image, centre(lesion, image))));
        ways.put(
                "as large, at the lowest point of the brain",
                (lesion, image) -> smallest(brain(image), lesion.cardinality(), distance(image, lowest(image))));
        ways.put(
                "as large, the darkest voxels of the brain",
                (lesion, image) -> smallest(brain(image), lesion.cardinality(), i -> image.voxels()[i]));
        ways.put(
                "as large, the brightest voxels of the brain",
                (lesion, image) -> smallest(brain(image), lesion.cardinality(), i -> -image.voxels()[i]));
        return ways;
    }

    private static BitSet brain(Volume image) {
        BitSet brain = new BitSet();
        for (int i = 0; i < image.voxels().length; i++) {
            brain.set(i, image.voxels()[i] != 0);
        }
        return brain;
    }

    /** The position of a voxel in mm. */
    private static double[] position(Volume image, int voxel) {
        Size size = image.size();
        return image.grid().affine().apply(voxel % size.x(), voxel / size.x() % size.y(), voxel / size.x() / size.y());
    }

    private static double[] centre(BitSet mask, Volume image) {
        double[] centre = new double[3];
        mask.stream().forEach(i -> {
            double[] position = position(image, i);
            for (int axis = 0; axis < 3; axis++) {
                centre[axis] += position[axis] / mask.cardinality();
            }
        });
        return centre;
    }

    private static double[] lowest(Volume image) {
        double[] lowest = {0, 0, Double.POSITIVE_INFINITY};
        brain(image).stream().forEach(i -> {
            double[] position = position(image, i);
            if (position[2] < lowest[2]) {
                System.arraycopy(position, 0, lowest, 0, 3);
            }
        });
        return lowest;
    }

    private static IntToDoubleFunction distance(Volume image, double[] from) {
        return i -> {
            double[] position = position(image, i);
            return Math.hypot(position[0] - from[0], Math.hypot(position[1] - from[1], position[2] - from[2]));
        };
    }

    /** The voxels of a mask with the smallest values. */
    private static BitSet smallest(BitSet among, int count, IntToDoubleFunction value) {
        double[] sorted = among.stream().mapToDouble(value).toArray();
        Arrays.sort(sorted);
        double limit = sorted[Math.max(0, Math.min(sorted.length, count) - 1)];
        BitSet chosen = new BitSet();
        among.stream().filter(i -> value.applyAsDouble(i) <= limit).forEach(chosen::set);
        return chosen;
    }
}
