package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.spi.Networks;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A network as a recipe describes it: without its numbers of channels, which follow from the role.
 *
 * @param key of the block in the recipe, which messages name: {@code network} or {@code teacherNetwork}
 * @param name of the architecture
 * @param arguments settings of the architecture
 */
public record NetworkSettings(String key, String name, Map<String, Object> arguments) {
    private static final String NETWORK = "network";

    public NetworkSettings {
        arguments = Collections.unmodifiableMap(new TreeMap<>(arguments));
    }

    /**
     * Builds the network.
     *
     * @param inputs input channels
     * @param outputs output channels
     * @param further settings of the network, added to those of the recipe
     * @param seed of the fresh weights; the same seed gives the same weights
     * @throws InvalidRecipeException in one line that begins with the key, if the network or a setting is unknown or out of
     *     range
     */
    Network build(int inputs, int outputs, Map<String, Object> further, long seed) {
        Map<String, Object> all = new TreeMap<>(arguments);
        all.putAll(further);
        try {
            return Networks.build(new NetworkSpec(name, inputs, outputs, all), seed);
        } catch (InvalidRecipeException e) {
            throw key.equals(NETWORK) ? e : new InvalidRecipeException(renamed(e.getMessage()), e);
        }
    }

    /** Networks do not know from which block of the recipe they are built and name {@code network}. */
    private String renamed(String message) {
        return message.startsWith(NETWORK) ? key + message.substring(NETWORK.length()) : key + ": " + message;
    }

    /** Whether a refusal of {@link #build} is about the number of heads for deep supervision. */
    static boolean isAboutHeads(InvalidRecipeException refusal) {
        return refusal.getMessage().matches("(network|teacherNetwork)\\.heads .*");
    }
}
