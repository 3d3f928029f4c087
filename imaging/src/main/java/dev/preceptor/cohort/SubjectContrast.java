package dev.preceptor.cohort;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The contrast of the labelled classes of one subject. Holds no voxels.
 *
 * @param volumes in millilitres, by class; 0 for a class without voxels
 * @param contrasts by sequence and class, for sequences that can be read and classes with voxels in them
 */
record SubjectContrast(Map<LabelClass, Double> volumes, Map<Sequence, Map<LabelClass, Contrast>> contrasts) {

    /**
     * The contrast of a class in a sequence, over those of its voxels that are finite and not 0.
     *
     * @param z mean z-score; mean and standard deviation are those of all finite non-zero voxels of the image
     * @param within population standard deviation of the z-scores of the class
     * @param auc the probability that a voxel of the class is brighter than a healthy voxel, where ties count half; healthy
     *     are the finite non-zero voxels without label
     */
    record Contrast(double z, double within, double auc) {}

    /**
     * Reads a subject, one image at a time.
     *
     * @return empty if it has no label map that can be read; images that cannot be read are left out
     */
    static Optional<SubjectContrast> read(Subject subject) {
        Optional<LabelMap> labels = subject.hasLabels() ? readable(subject::labels) : Optional.empty();
        return labels.map(map -> {
            Map<Sequence, Map<LabelClass, Contrast>> contrasts = new TreeMap<>();
            for (Sequence sequence : subject.images().keySet()) {
                readable(() -> subject.volume(sequence))
                        .ifPresent(volume -> contrasts.put(sequence, contrasts(volume, map)));
            }
            return new SubjectContrast(volumes(map), contrasts);
        });
    }

    private static <T> Optional<T> readable(Supplier<T> reader) {
        try {
            return Optional.of(reader.get());
        } catch (PreceptorException e) {
            // The summary of the cohort names the fault.
            return Optional.empty();
        }
    }

    /** The classes of a label map without that of ignored voxels, each once. */
    private static List<LabelClass> classes(LabelMap labels) {
        return labels.schema().values().values().stream()
                .filter(one -> !one.equals(LabelClass.IGNORE))
                .distinct()
                .toList();
    }

    private static Map<LabelClass, Double> volumes(LabelMap labels) {
        int[] counts = new int[128];
        for (byte value : labels.voxels()) {
            counts[value]++;
        }
        Map<LabelClass, Double> volumes = new LinkedHashMap<>();
        classes(labels).forEach(one -> volumes.put(one, 0.0));
        labels.schema()
                .values()
                .forEach((value, one) -> volumes.computeIfPresent(
                        one, (same, ml) -> ml + counts[value] * labels.grid().voxelVolume() / 1000));
        return volumes;
    }

    /** The contrasts of the classes that have voxels in an image; none if it has no healthy voxel or a single value. */
    static Map<LabelClass, Contrast> contrasts(Volume image, LabelMap labels) {
        Map<LabelClass, List<Integer>> values = new LinkedHashMap<>();
        labels.schema()
                .values()
                .forEach((value, one) ->
                        values.computeIfAbsent(one, same -> new ArrayList<>()).add(value));
        IntensityStatistics all = IntensityStatistics.of(image);
        float[] healthy = sorted(image, labels, List.of(0));
        if (healthy.length == 0 || !(all.std() > 0)) {
            return Map.of();
        }
        Map<LabelClass, Contrast> contrasts = new LinkedHashMap<>();
        for (LabelClass one : classes(labels)) {
            float[] inside = sorted(image, labels, values.get(one));
            if (inside.length > 0) {
                contrasts.put(one, contrast(inside, healthy, all));
            }
        }
        return Collections.unmodifiableMap(contrasts);
    }

    /** The finite non-zero intensities of the voxels with one of the values, ascending. */
    private static float[] sorted(Volume image, LabelMap labels, List<Integer> values) {
        boolean[] selected = new boolean[128];
        values.forEach(value -> selected[value] = true);
        float[] found = new float[image.voxels().length];
        int count = 0;
        for (int i = 0; i < found.length; i++) {
            float intensity = image.voxels()[i];
            if (selected[labels.voxels()[i]] && intensity != 0 && Float.isFinite(intensity)) {
                found[count++] = intensity;
            }
        }
        float[] sorted = Arrays.copyOf(found, count);
        Arrays.sort(sorted);
        return sorted;
    }

    private static Contrast contrast(float[] inside, float[] healthy, IntensityStatistics all) {
        double sum = 0;
        double squares = 0;
        double darker = 0;
        int below = 0;
        int notAbove = 0;
        for (float intensity : inside) {
            double z = (intensity - all.mean()) / all.std();
            sum += z;
            squares += z * z;
            while (below < healthy.length && healthy[below] < intensity) {
                below++;
            }
            while (notAbove < healthy.length && healthy[notAbove] <= intensity) {
                notAbove++;
            }
            darker += 0.5 * below + 0.5 * notAbove;
        }
        double mean = sum / inside.length;
        return new Contrast(
                mean,
                Math.sqrt(Math.max(0, squares / inside.length - mean * mean)),
                darker / inside.length / healthy.length);
    }
}
