package dev.preceptor.distill;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss and what it is made of, each a tensor with one number.
 *
 * @param total the weighted sum
 * @param terms the unweighted terms by the names they have in the log, in the order of the paper
 */
public record LossTerms(Tensor total, Map<String, Tensor> terms) {
    /** The numbers: {@code loss} and each term by its name. */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", total.item().toDouble());
        terms.forEach((name, term) -> values.put(name, term.item().toDouble()));
        return values;
    }
}
