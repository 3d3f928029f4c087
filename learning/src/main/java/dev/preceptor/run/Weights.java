package dev.preceptor.run;

import dev.preceptor.distill.Method;
import dev.preceptor.network.Parameters;
import dev.preceptor.tensor.ArrayData;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Copies the weights of networks to named arrays and back. */
public final class Weights {
    private Weights() {}

    /** The weights of a method by part: its roles, then its auxiliary parameters. */
    public static Map<String, Parameters> parts(Method method) {
        Map<String, Parameters> parts = new LinkedHashMap<>();
        method.roles().forEach(role -> parts.put(role.name(), role.network().parameters()));
        parts.putAll(method.auxiliaryParameters());
        return parts;
    }

    /** Copies of the weights, named {@code prefix + name}. */
    public static Map<String, ArrayData> of(String prefix, Parameters parameters) {
        return of(prefix, parameters.asMap());
    }

    /** Copies of weights, named {@code prefix + name}. */
    public static Map<String, ArrayData> of(String prefix, Map<String, Tensor> weights) {
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> arrays.put(prefix + name, ArrayData.of(tensor)));
        return arrays;
    }

    /** The arrays whose name begins with the prefix, named without it. */
    public static Map<String, ArrayData> below(String prefix, Map<String, ArrayData> arrays) {
        Map<String, ArrayData> selected = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            if (name.startsWith(prefix)) {
                selected.put(name.substring(prefix.length()), array);
            }
        });
        return selected;
    }

    /** Overwrites weights with the arrays of the same names, which must all be there. */
    public static void assign(Map<String, Tensor> weights, Map<String, ArrayData> arrays) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            weights.forEach((name, weight) -> weight.copy_(arrays.get(name).toTensor()));
        }
    }

    /** Overwrites all weights with the arrays of the same names. */
    public static void assign(Parameters parameters, Map<String, ArrayData> arrays) {
        try (PointerScope scope = new PointerScope()) {
            parameters.assign(ArrayData.toTensors(arrays));
        }
    }
}
