package dev.preceptor.loss;

import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss and its terms, each a tensor with one number.
 *
 * @param total the weighted sum, which is minimised
 * @param terms the unweighted terms by their names in the log, in the order of the paper
 * @param metrics further numbers for the log
 */
public record LossTerms(Tensor total, Map<String, Tensor> terms, Map<String, Double> metrics) {
    /** The name of the supervised term: the loss against the labels, of every method. */
    public static final String SUPERVISED = "gt";

    private static final String TOTAL = "loss";

    /** A loss without further metrics. */
    public LossTerms(Tensor total, Map<String, Tensor> terms) {
        this(total, terms, Map.of());
    }

    /** This loss with further metrics. */
    public LossTerms with(Map<String, Double> further) {
        Map<String, Double> all = new LinkedHashMap<>(metrics);
        all.putAll(further);
        return new LossTerms(total, terms, all);
    }

    /** The total among {@link #losses}, or among their means; NaN if there is none. */
    public static double total(Map<String, Double> losses) {
        return losses.getOrDefault(TOTAL, Double.NaN);
    }

    /**
     * The supervised term among {@link #losses}, or among their means. A loss without a term of this name is the supervised
     * loss itself, such as {@link CombinationLoss}.
     */
    public static double supervised(Map<String, Double> losses) {
        return losses.containsKey(SUPERVISED) ? losses.get(SUPERVISED) : total(losses);
    }

    /** The total as {@code loss}, and each term by its name; all are copied from the device at once. */
    public Map<String, Double> losses() {
        return read(List.of()).losses;
    }

    /** {@link #losses} and each metric by its name. */
    public Map<String, Double> values() {
        return values(losses());
    }

    /**
     * The values of a step, copied from the device.
     *
     * @param values as {@link #values}
     * @param isFinite whether they and the numbers that were copied with them are finite
     */
    public record HostValues(Map<String, Double> values, boolean isFinite) {}

    /**
     * {@link #values}, and whether they are finite.
     *
     * @param checked tensors with one number each that must be finite too; they are copied at the same time, so that a GPU is waited for once
     */
    public HostValues toHost(List<Tensor> checked) {
        Copied copied = read(checked);
        Map<String, Double> values = values(copied.losses);
        return new HostValues(
                values,
                values.values().stream().allMatch(Double::isFinite)
                        && Arrays.stream(copied.further).allMatch(Double::isFinite));
    }

    private record Copied(Map<String, Double> losses, double[] further) {}

    private Copied read(List<Tensor> further) {
        List<String> names = new ArrayList<>(List.of(TOTAL));
        names.addAll(terms.keySet());
        List<Tensor> all = new ArrayList<>(List.of(total));
        all.addAll(terms.values());
        all.addAll(further);
        double[] numbers = Tensors.toDoubles(all);
        Map<String, Double> losses = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            losses.put(names.get(i), numbers[i]);
        }
        return new Copied(losses, Arrays.copyOfRange(numbers, names.size(), numbers.length));
    }

    private Map<String, Double> values(Map<String, Double> losses) {
        Map<String, Double> values = new LinkedHashMap<>(losses);
        values.putAll(metrics);
        return values;
    }
}
