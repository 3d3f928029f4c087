package dev.preceptor.network;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.tensor.Torch;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.bytedeco.pytorch.global.torch;

/** The networks by name. A new one is its class and a line here. */
public final class Networks {
    private static final Map<String, Function<NetworkSpec, Network>> KNOWN =
            new TreeMap<>(Map.of(UNet.NAME, UNet::new, ResUNet.NAME, ResUNet::new));

    private Networks() {}

    /**
     * Builds a network.
     *
     * @param seed of the fresh weights; the same seed gives the same weights
     * @throws InvalidRecipeException if the name or a setting is not known or out of range
     */
    public static Network build(NetworkSpec spec, long seed) {
        Torch.open();
        Function<NetworkSpec, Network> builder = KNOWN.get(spec.name());
        if (builder == null) {
            throw new InvalidRecipeException("network.name must be one of " + String.join(", ", KNOWN.keySet())
                    + ", not \"" + spec.name() + "\"");
        }
        torch.manual_seed(seed);
        return builder.apply(spec);
    }
}
