package dev.preceptor.network;

import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that builds a network but its weights; written into recipes and model files.
 *
 * @param name the name in {@link Networks}
 * @param inputs input channels
 * @param outputs output channels
 * @param arguments the network's own settings, such as {@code widths} and {@code skips}: numbers, lists of
 *     numbers, or names
 */
public record NetworkSpec(String name, int inputs, int outputs, Map<String, Object> arguments) {
    public NetworkSpec {
        arguments = java.util.Collections.unmodifiableMap(new TreeMap<>(arguments));
    }
}
