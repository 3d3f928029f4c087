package dev.preceptor.distill;

import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.volume.Sequence;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A teacher from an earlier training.
 *
 * @param origin file or run, for messages
 * @param network its architecture
 * @param inputs the sequences of its input channels, in this order
 * @param outputs what its output channels mean
 * @param weights all weights of the network, by name
 */
public record TrainedTeacher(
        String origin, NetworkSpec network, List<Sequence> inputs, Targets outputs, Map<String, ArrayData> weights) {
    public TrainedTeacher {
        inputs = List.copyOf(inputs);
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }
}
