package dev.preceptor.distill;

import dev.preceptor.network.Parameters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights that one optimizer updates.
 *
 * @param weights by name
 * @param rateFactor factor on the recipe's learning rate, above 0
 * @param beta1 Adam's decay of the first moment, if it differs from the recipe's
 */
public record ParameterGroup(Map<String, Tensor> weights, double rateFactor, OptionalDouble beta1) {
    public ParameterGroup {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /** The weights of one network, with the recipe's settings. */
    public static ParameterGroup of(Parameters parameters) {
        return new ParameterGroup(parameters.asMap(), 1, OptionalDouble.empty());
    }

    /** The weights of several networks in one group, under the names {@code network.weight}. */
    public static ParameterGroup joint(Map<String, Parameters> networks) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        networks.forEach((network, parameters) ->
                parameters.asMap().forEach((name, weight) -> weights.put(network + "." + name, weight)));
        return new ParameterGroup(weights, 1, OptionalDouble.empty());
    }
}
