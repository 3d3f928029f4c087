package dev.preceptor.train;

import dev.preceptor.distill.Role;
import dev.preceptor.tensor.ArrayData;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The weights of networks as arrays, under names with a prefix, and back. */
final class Weights {
    private Weights() {}

    /** Copies of the weights of a role by {@code prefix + name}. */
    static Map<String, ArrayData> of(String prefix, Role role) {
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        role.network().parameters().asMap().forEach((name, tensor) -> arrays.put(prefix + name, ArrayData.of(tensor)));
        return arrays;
    }

    /** Those arrays whose name begins with the prefix, without it. */
    static Map<String, ArrayData> below(String prefix, Map<String, ArrayData> arrays) {
        Map<String, ArrayData> found = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), array);
            }
        });
        return found;
    }

    /** Overwrites all weights of a role. */
    static void assign(Role role, Map<String, ArrayData> arrays) {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            arrays.forEach((name, array) -> tensors.put(name, array.toTensor()));
            role.network().parameters().assign(tensors);
        }
    }
}
