package dev.preceptor.network.spi;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Registry;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.tensor.Torch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch;

/** Builds networks by name: the built-in ones and those of every {@link NetworkProvider} on the class path. */
public final class Networks {
    private Networks() {}

    /**
     * Builds a network.
     *
     * @param seed of the fresh weights; the same seed gives the same weights
     * @throws InvalidRecipeException if no network has this name, or an argument is unknown or out of range
     * @throws PreceptorException if several providers offer a network of this name
     */
    public static Network build(NetworkSpec spec, long seed) {
        Registry<Function<NetworkSpec, Network>> known =
                Registry.load("network", NetworkProvider.class, NetworkProvider::networks);
        Function<NetworkSpec, Network> constructor = known.find(spec.name())
                .orElseThrow(() -> new InvalidRecipeException("network.name must be one of "
                        + known.names().stream().sorted().collect(Collectors.joining(", ")) + ", not \"" + spec.name()
                        + "\""));
        Torch.open();
        torch.manual_seed(seed);
        return constructor.apply(spec);
    }
}
