package dev.preceptor.infer;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Converts region probabilities to labels. For a network with one sigmoid per region: the label that a region is written as
 * wherever its probability is above 0.5, in the order of the regions, each overwriting the former. For a network with one
 * softmax over classes: the most probable of background and the classes. The probability of a class is that of the region of
 * which it is the own class, less those of the regions directly inside; of equals the first is written.
 */
final class LabelExport {
    private final LabelSpace labels;
    private final Targets targets;
    private final RegionFilter filter;
    private final byte[] written;

    LabelExport(Targets targets) {
        this.targets = targets;
        this.labels = targets.labels();
        this.filter = new RegionFilter(labels);
        this.written = new byte[labels.regions().size()];
        for (int r = 0; r < written.length; r++) {
            written[r] = value(labels.regions().get(r).writtenAs());
        }
    }

    private byte value(LabelClass labelClass) {
        return labels.valueOf(labelClass)
                .orElseThrow(() -> new IllegalArgumentException(labels + " has no value for " + labelClass))
                .byteValue();
    }

    /** The meaning of the labels. */
    LabelSpace labelSpace() {
        return labels;
    }

    /** Removes parts of the masks of the regions. */
    RegionFilter filter() {
        return filter;
    }

    /**
     * The labels of a subject, in the order of the probabilities.
     *
     * @param probabilities of the regions
     */
    byte[] labels(List<float[]> probabilities) {
        return targets.encoding() == TargetEncoding.CLASSES ? mostProbable(probabilities) : byThreshold(probabilities);
    }

    /**
     * The voxels of each region.
     *
     * @param map the labels of the same probabilities
     */
    List<BitSet> masks(byte[] map, List<float[]> probabilities) {
        List<BitSet> masks = new ArrayList<>();
        for (int r = 0; r < written.length; r++) {
            BitSet mask = new BitSet(map.length);
            float[] region = probabilities.get(r);
            boolean[] inside = values(labels.regions().get(r));
            for (int i = 0; i < map.length; i++) {
                if (targets.encoding() == TargetEncoding.CLASSES ? inside[map[i]] : region[i] > 0.5f) {
                    mask.set(i);
                }
            }
            masks.add(mask);
        }
        return masks;
    }

    private boolean[] values(Region region) {
        boolean[] values = new boolean[LabelSpace.LARGEST_VALUE + 1];
        labels.values().keySet().forEach(value -> values[value] = labels.contains(region, value));
        return values;
    }

    /**
     * Writes the labels of voxels again from the masks of the regions.
     *
     * @param map the labels
     * @param voxels whose labels are written, by index
     * @param masks of the regions
     */
    void relabel(byte[] map, BitSet voxels, List<BitSet> masks) {
        boolean isClasses = targets.encoding() == TargetEncoding.CLASSES;
        List<Integer> order = isClasses
                ? filter.outermostFirst()
                : IntStream.range(0, written.length).boxed().toList();
        voxels.stream().forEach(voxel -> map[voxel] = 0);
        for (int r : order) {
            byte label = isClasses ? ownValue(r) : written[r];
            BitSet mask = (BitSet) masks.get(r).clone();
            mask.and(voxels);
            mask.stream().forEach(voxel -> map[voxel] = label);
        }
    }

    /** The value of the class of a region that is in no region inside it. */
    private byte ownValue(int region) {
        List<List<Region>> nested = labels.nested();
        return labels.classes().stream()
                .filter(labelClass -> ownRegion(labelClass, nested) == region)
                .map(this::value)
                .findFirst()
                .orElseThrow();
    }

    private byte[] byThreshold(List<float[]> probabilities) {
        byte[] map = new byte[probabilities.get(0).length];
        for (int r = 0; r < written.length; r++) {
            float[] region = probabilities.get(r);
            for (int i = 0; i < map.length; i++) {
                map[i] = region[i] > 0.5f ? written[r] : map[i];
            }
        }
        return map;
    }

    private byte[] mostProbable(List<float[]> probabilities) {
        List<List<Region>> nested = labels.nested();
        float[] best = new float[probabilities.get(0).length];
        for (int i = 0; i < best.length; i++) {
            best[i] = 1;
        }
        // Background: one minus the regions that lie in no other.
        for (int r = 0; r < written.length; r++) {
            Region region = labels.regions().get(r);
            if (nested.stream().noneMatch(inside -> inside.contains(region))) {
                subtract(best, probabilities.get(r));
            }
        }
        byte[] map = new byte[best.length];
        float[] probability = new float[best.length];
        for (LabelClass labelClass : labels.classes()) {
            int r = ownRegion(labelClass, nested);
            System.arraycopy(probabilities.get(r), 0, probability, 0, probability.length);
            nested.get(r)
                    .forEach(inner -> subtract(
                            probability, probabilities.get(labels.regions().indexOf(inner))));
            byte value = value(labelClass);
            for (int i = 0; i < map.length; i++) {
                if (probability[i] > best[i]) {
                    best[i] = probability[i];
                    map[i] = value;
                }
            }
        }
        return map;
    }

    /** The innermost region of a class. */
    private int ownRegion(LabelClass labelClass, List<List<Region>> nested) {
        int number = labels.numberOf(labelClass);
        List<List<Integer>> numbers = labels.numbersByRegion();
        for (int r = 0; r < numbers.size(); r++) {
            boolean isInner = nested.get(r).stream()
                    .anyMatch(inner ->
                            numbers.get(labels.regions().indexOf(inner)).contains(number));
            if (numbers.get(r).contains(number) && !isInner) {
                return r;
            }
        }
        throw new IllegalStateException(labelClass + " is in no region of " + labels.name());
    }

    private static void subtract(float[] from, float[] values) {
        for (int i = 0; i < from.length; i++) {
            from[i] -= values[i];
        }
    }
}
