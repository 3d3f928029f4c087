package dev.preceptor.distill;

import dev.preceptor.network.Parameters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights that are updated together, by an optimizer of their own.
 *
 * @param weights by name
 * @param rateFactor what the recipe's learning rate is multiplied with, above 0
 * @param beta1 decay of the first moment where it is not the recipe's
 */
public record ParameterGroup(Map<String, Tensor> weights, double rateFactor, OptionalDouble beta1) {
    public ParameterGroup {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /** The weights of one network, with the recipe's settings. */
    public static ParameterGroup of(Parameters parameters) {
        return new ParameterGroup(parameters.asMap(), 1, OptionalDouble.empty());
    }

    /** Several groups of weights as one; each weight is called {@code group.weight}. */
    public static ParameterGroup joint(Map<String, Parameters> groups) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        groups.forEach((group, parameters) ->
                parameters.asMap().forEach((name, weight) -> all.put(group + "." + name, weight)));
        return new ParameterGroup(all, 1, OptionalDouble.empty());
    }
}
