package dev.preceptor.network;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * From what a network is built, apart from its weights; part of every model file.
 *
 * @param name of the architecture, for instance {@code unet}
 * @param inputs input channels C
 * @param outputs output channels K
 * @param arguments settings of the architecture, such as {@code widths} and {@code skips}: numbers, lists of numbers, or
 *     names
 */
public record NetworkSpec(String name, int inputs, int outputs, Map<String, Object> arguments) {
    public NetworkSpec {
        arguments = Collections.unmodifiableMap(new TreeMap<>(arguments));
    }
}
