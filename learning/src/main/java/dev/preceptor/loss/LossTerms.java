package dev.preceptor.loss;

import java.util.LinkedHashMap;
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

    /** The total as {@code loss}, and each term by its name. */
    public Map<String, Double> losses() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", total.item().toDouble());
        terms.forEach((name, term) -> values.put(name, term.item().toDouble()));
        return values;
    }

    /** {@link #losses} and each metric by its name. */
    public Map<String, Double> values() {
        Map<String, Double> values = losses();
        values.putAll(metrics);
        return values;
    }
}
