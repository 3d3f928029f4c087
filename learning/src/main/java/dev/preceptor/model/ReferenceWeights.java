package dev.preceptor.model;

import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.ReferenceNames;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights of one network of MTCM-KD's reference implementation, converted to safetensors under their original names. Such a
 * file has no description: sequences and preprocessing are not in it.
 *
 * @param group the prefix of the names of these weights in the file, up to the last slash; empty without one
 * @param network the equivalent network of Preceptor
 * @param weights by the names that Preceptor's network uses
 */
public record ReferenceWeights(String group, NetworkSpec network, Map<String, ArrayData> weights) {
    public ReferenceWeights {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /**
     * All networks of the reference in a file, in the order of the file; empty if there are none.
     *
     * @throws dev.preceptor.base.InvalidFileException if the file is not a safetensors file
     */
    public static List<ReferenceWeights> in(Path file) {
        Map<String, Map<String, ArrayData>> groups = new LinkedHashMap<>();
        Safetensors.read(file).arrays().forEach((name, array) -> {
            int slash = name.lastIndexOf('/');
            groups.computeIfAbsent(name.substring(0, Math.max(slash, 0)), key -> new LinkedHashMap<>())
                    .put(name.substring(slash + 1), array);
        });
        List<ReferenceWeights> found = new ArrayList<>();
        groups.forEach((group, arrays) -> {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            arrays.forEach((name, array) -> shapes.put(name, array.shape()));
            ReferenceNames.network(shapes).ifPresent(network -> {
                Map<String, ArrayData> weights = new LinkedHashMap<>();
                arrays.forEach((name, array) ->
                        weights.put(ReferenceNames.ofNetwork(name).orElseThrow(), array));
                found.add(new ReferenceWeights(group, network, weights));
            });
        });
        return found;
    }

    /** The number of weights. */
    public long parameters() {
        return weights.values().stream()
                .mapToLong(array -> array.bytes().remaining() / array.type().size())
                .sum();
    }
}
