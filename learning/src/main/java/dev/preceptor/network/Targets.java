package dev.preceptor.network;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the output channels of a network mean for a label space, and how they map to its regions. R is the number of regions,
 * K that of channels: R for {@link TargetEncoding#REGIONS}, the number of classes and one more for
 * {@link TargetEncoding#CLASSES}.
 *
 * @param encoding what the channels stand for
 * @param labels the regions and classes
 */
public record Targets(TargetEncoding encoding, LabelSpace labels) {

    /** @throws InvalidRecipeException if the encoding is CLASSES and a class does not follow from the regions */
    public Targets {
        if (encoding == TargetEncoding.CLASSES) {
            labels.requireClassesFollowFromRegions();
        }
    }

    /** K, the number of output channels. */
    public int channels() {
        return encoding == TargetEncoding.REGIONS
                ? labels.regions().size()
                : labels.classes().size() + 1;
    }

    /** The names of the regions, in the order of the channels of {@link #probabilities}. */
    public List<String> regionNames() {
        return labels.regions().stream().map(Region::name).toList();
    }

    /**
     * Checks a setting that names some of the regions, or none for all.
     *
     * @throws InvalidRecipeException if one of the names is that of no region
     */
    public void requireRegions(String setting, List<String> names) {
        List<String> known = regionNames();
        Settings.require(
                known.containsAll(names), setting, "empty or one or more of " + String.join(", ", known), names);
    }

    /** Probabilities of the regions, 0 to 1, [B, R, X, Y, Z] from logits [B, K, X, Y, Z]. */
    public Tensor probabilities(Tensor logits) {
        if (encoding == TargetEncoding.REGIONS) {
            return logits.sigmoid();
        }
        Tensor p = torch.softmax(logits, 1);
        return Tensors.stack(unions(channels(p), false, Tensor::add), 1);
    }

    /**
     * The nodes of {@link #probabilities}.
     *
     * @param logits the name of a value [B, K, X, Y, Z]
     * @return the name of the probabilities of the regions, [B, R, X, Y, Z]
     */
    String export(OnnxGraph graph, String logits) {
        if (encoding == TargetEncoding.REGIONS) {
            return graph.node("Sigmoid", List.of(logits));
        }
        String p = graph.node("Softmax", List.of(logits), Attribute.of("axis", 1));
        List<List<Integer>> regions = labels.numbersByRegion();
        // A convolution with 0 and 1 adds up the classes of each region.
        float[] members = new float[regions.size() * channels()];
        for (int r = 0; r < regions.size(); r++) {
            for (int number : regions.get(r)) {
                members[r * channels() + number] = 1;
            }
        }
        String sums = graph.node("Conv", List.of(p, graph.numbers(members, regions.size(), channels(), 1, 1, 1)));
        // A sum of softmax probabilities may exceed 1 by rounding, and the odds of such a probability are negative.
        return graph.node("Min", List.of(sums, graph.number(1)));
    }

    /** The predicted regions as booleans [B, R, X, Y, Z] from logits [B, K, X, Y, Z]. */
    public Tensor masks(Tensor logits) {
        return encoding == TargetEncoding.REGIONS
                ? logits.gt(new Scalar(0.0))
                : regions(logits.argmax(new LongOptional(1), false));
    }

    /** The training target, float [B, K, X, Y, Z] of zeros and ones, from classes [B, X, Y, Z], int64. */
    public Tensor target(Tensor classes) {
        return encoding == TargetEncoding.REGIONS
                ? regions(classes).to(torch.ScalarType.Float)
                : torch.one_hot(classes, channels()).movedim(4, 1).to(torch.ScalarType.Float);
    }

    /**
     * The regions as booleans [B, R, X, Y, Z] from classes [B, X, Y, Z]: 0 background, then the classes of the label space
     * from 1; no voxel is ignored.
     */
    public Tensor regions(Tensor classes) {
        int all = labels.classes().size();
        Map<Integer, Tensor> ofClass = new HashMap<>();
        List<Tensor> masks = new ArrayList<>();
        for (List<Integer> numbers : labels.numbersByRegion()) {
            masks.add(
                    numbers.size() == all
                            ? classes.gt(new Scalar(0L))
                            : numbers.stream()
                                    .map(number ->
                                            ofClass.computeIfAbsent(number, k -> classes.eq(new Scalar((long) number))))
                                    .reduce(Tensor::logical_or)
                                    .orElseThrow());
        }
        return Tensors.stack(masks, 1);
    }

    /**
     * The logit of each region, [B, R, X, Y, Z], from logits [B, K, X, Y, Z]: for classes the log odds of all classes of the
     * region against all others.
     */
    public Tensor regionLogits(Tensor logits) {
        if (encoding == TargetEncoding.REGIONS) {
            return logits;
        }
        List<Tensor> channels = channels(logits);
        List<Tensor> inside = unions(channels, false, torch::logaddexp);
        List<Tensor> outside = unions(channels, true, torch::logaddexp);
        return Tensors.stack(
                IntStream.range(0, inside.size())
                        .mapToObj(r -> inside.get(r).sub(outside.get(r)))
                        .toList(),
                1);
    }

    private static List<Tensor> channels(Tensor logits) {
        return IntStream.range(0, (int) logits.size(1))
                .mapToObj(k -> logits.select(1, k))
                .toList();
    }

    /**
     * Joins the channels of the classes of each region, or of all other classes. A region that contains a smaller one starts
     * from the joined channels of that one.
     */
    private List<Tensor> unions(List<Tensor> channels, boolean isComplement, BinaryOperator<Tensor> join) {
        List<Set<Integer>> sets = labels.numbersByRegion().stream()
                .map(numbers -> members(numbers, isComplement))
                .toList();
        Map<Set<Integer>, Tensor> joined = new LinkedHashMap<>();
        sets.stream()
                .sorted(Comparator.comparing(Set::size))
                .forEach(set -> joined.computeIfAbsent(set, k -> join(set, Map.copyOf(joined), channels, join)));
        return sets.stream().map(joined::get).toList();
    }

    private Set<Integer> members(List<Integer> numbers, boolean isComplement) {
        Set<Integer> members = new TreeSet<>(numbers);
        if (isComplement) {
            members = new TreeSet<>(
                    IntStream.rangeClosed(0, labels.classes().size()).boxed().toList());
            members.removeAll(numbers);
        }
        return members;
    }

    private static Tensor join(
            Set<Integer> set, Map<Set<Integer>, Tensor> smaller, List<Tensor> channels, BinaryOperator<Tensor> join) {
        Set<Integer> contained = smaller.keySet().stream()
                .filter(set::containsAll)
                .max(Comparator.comparing((Set<Integer> one) -> one.size()).thenComparing(Set::toString))
                .orElse(Set.of());
        Set<Integer> rest = new TreeSet<>(set);
        rest.removeAll(new HashSet<>(contained));
        Tensor result = smaller.get(contained);
        for (int number : rest) {
            result = result == null ? channels.get(number) : join.apply(result, channels.get(number));
        }
        return result;
    }

    /** A short description, for example {@code REGIONS of [WT, TC, ET]}. */
    @Override
    public String toString() {
        return encoding + " of " + labels.regions();
    }
}
