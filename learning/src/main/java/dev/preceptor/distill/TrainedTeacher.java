package dev.preceptor.distill;

import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.volume.Sequence;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A teacher from an earlier training.
 *
 * @param origin where it comes from, for messages
 * @param network what builds it
 * @param inputs the sequences that it sees, in the order of its channels
 * @param outputs what its channels mean
 * @param weights exactly those of the network, by name
 */
public record TrainedTeacher(
        String origin,
        NetworkSpec network,
        List<Sequence> inputs,
        TargetEncoding outputs,
        Map<String, ArrayData> weights) {
    public TrainedTeacher {
        inputs = List.copyOf(inputs);
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }
}
