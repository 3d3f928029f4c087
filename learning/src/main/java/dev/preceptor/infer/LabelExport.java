package dev.preceptor.infer;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Arrays;
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
    /** Of a network with one softmax over classes, in the order of the classes; else empty. */
    private final List<OwnClass> classes;
    /** The numbers of the regions that lie in no other, for a network with one softmax over classes. */
    private final List<Integer> outermost;

    /**
     * A class by the region of which it is the own class.
     *
     * @param region the number of the region
     * @param inside the numbers of the regions directly inside it
     * @param value of the class
     */
    private record OwnClass(int region, List<Integer> inside, byte value) {}

    LabelExport(Targets targets) {
        this.targets = targets;
        this.labels = targets.labels();
        this.filter = new RegionFilter(labels);
        this.written = new byte[labels.regions().size()];
        for (int r = 0; r < written.length; r++) {
            written[r] = value(labels.regions().get(r).writtenAs());
        }
        boolean isClasses = targets.encoding() == TargetEncoding.CLASSES;
        List<List<Integer>> nested = isClasses ? nested(labels) : List.of();
        this.classes = isClasses ? ownClasses(nested) : List.of();
        this.outermost = IntStream.range(0, nested.size())
                .filter(r -> nested.stream().noneMatch(inside -> inside.contains(r)))
                .boxed()
                .toList();
    }

    /** For each region the numbers of those directly inside it. */
    private static List<List<Integer>> nested(LabelSpace labels) {
        return labels.nested().stream()
                .map(inside -> inside.stream().map(labels.regions()::indexOf).toList())
                .toList();
    }

    private List<OwnClass> ownClasses(List<List<Integer>> nested) {
        List<List<Integer>> numbers = labels.numbersByRegion();
        List<OwnClass> own = new ArrayList<>();
        for (int number = 1; number <= labels.classes().size(); number++) {
            int region = innermost(number, numbers, nested);
            own.add(new OwnClass(
                    region, nested.get(region), value(labels.classes().get(number - 1))));
        }
        return own;
    }

    /** The innermost region of a class. */
    private int innermost(int number, List<List<Integer>> numbers, List<List<Integer>> nested) {
        return IntStream.range(0, numbers.size())
                .filter(r -> numbers.get(r).contains(number))
                .filter(r -> nested.get(r).stream()
                        .noneMatch(inner -> numbers.get(inner).contains(number)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        labels.classes().get(number - 1) + " is in no region of " + labels.name()));
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
        return classes.stream()
                .filter(own -> own.region == region)
                .map(OwnClass::value)
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
        float[] best = new float[probabilities.get(0).length];
        Arrays.fill(best, 1);
        // Background: one minus the regions that lie in no other.
        outermost.forEach(region -> subtract(best, probabilities.get(region)));
        byte[] map = new byte[best.length];
        float[] probability = new float[best.length];
        for (OwnClass own : classes) {
            System.arraycopy(probabilities.get(own.region), 0, probability, 0, probability.length);
            own.inside.forEach(inner -> subtract(probability, probabilities.get(inner)));
            for (int i = 0; i < map.length; i++) {
                if (probability[i] > best[i]) {
                    best[i] = probability[i];
                    map[i] = own.value;
                }
            }
        }
        return map;
    }

    private static void subtract(float[] from, float[] values) {
        for (int i = 0; i < from.length; i++) {
            from[i] -= values[i];
        }
    }
}
