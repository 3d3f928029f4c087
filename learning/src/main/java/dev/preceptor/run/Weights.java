package dev.preceptor.run;

import dev.preceptor.distill.Method;
import dev.preceptor.network.Parameters;
import dev.preceptor.tensor.ArrayData;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/** The weights of networks as arrays, under names with a prefix, and back. */
public final class Weights {
    private Weights() {}

    /** All weights of a method: those of its roles, then those that belong to none. */
    public static Map<String, Parameters> parts(Method method) {
        Map<String, Parameters> parts = new LinkedHashMap<>();
        method.roles().forEach(role -> parts.put(role.name(), role.network().parameters()));
        parts.putAll(method.auxiliaryParameters());
        return parts;
    }

    /** Copies of weights by {@code prefix + name}. */
    public static Map<String, ArrayData> of(String prefix, Parameters parameters) {
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        parameters.asMap().forEach((name, tensor) -> arrays.put(prefix + name, ArrayData.of(tensor)));
        return arrays;
    }

    /** Those arrays whose name begins with the prefix, without it. */
    public static Map<String, ArrayData> below(String prefix, Map<String, ArrayData> arrays) {
        Map<String, ArrayData> found = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), array);
            }
        });
        return found;
    }

    /** Overwrites all weights. */
    public static void assign(Parameters parameters, Map<String, ArrayData> arrays) {
        try (PointerScope scope = new PointerScope()) {
            parameters.assign(ArrayData.toTensors(arrays));
        }
    }
}
