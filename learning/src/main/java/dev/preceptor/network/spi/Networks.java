package dev.preceptor.network.spi;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Registry;
import dev.preceptor.network.DeclaredWeights;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkArguments;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.Requirement;
import dev.preceptor.network.StoredWeights;
import dev.preceptor.network.ZeroFilled;
import dev.preceptor.tensor.Torch;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch;

/** Builds networks by name: the built-in ones and those of every {@link NetworkProvider} on the class path. */
public final class Networks {
    private Networks() {}

    /**
     * Builds a network. The argument {@code missing: ZERO}, which every network has that needs all its channels, makes a
     * {@link ZeroFilled} one.
     *
     * @param seed of the fresh weights; the same seed gives the same weights
     * @throws InvalidRecipeException if no network has this name, or an argument is unknown or out of range
     * @throws PreceptorException if several providers offer a network of this name
     */
    public static Network build(NetworkSpec spec, long seed) {
        Torch.open();
        torch.manual_seed(seed);
        return construct(spec);
    }

    /**
     * Builds a network whose weights a file has. They are undefined until {@link dev.preceptor.network.Parameters#assign}.
     *
     * @param weights the number of scalars in the file; a network of more than twice as many is refused before it takes memory
     * @throws InvalidRecipeException if no network has this name, or an argument is unknown or out of range
     * @throws dev.preceptor.base.MismatchException if the network has more than twice as many weights
     * @throws PreceptorException if several providers offer a network of this name
     */
    public static Network unfilled(NetworkSpec spec, long weights) {
        Torch.open();
        try (StoredWeights stored = new StoredWeights(weights)) {
            return construct(spec);
        }
    }

    private static Network construct(NetworkSpec spec) {
        Registry<Function<NetworkSpec, Network>> known =
                Registry.load("network", NetworkProvider.class, NetworkProvider::networks);
        Function<NetworkSpec, Network> constructor = known.find(spec.name())
                .orElseThrow(() -> new InvalidRecipeException("network.name must be one of "
                        + known.names().stream().sorted().collect(Collectors.joining(", ")) + ", not \"" + spec.name()
                        + "\""));
        Map<String, Object> arguments = new TreeMap<>(spec.arguments());
        boolean isZeroFilled = isZeroFilled(spec.name(), arguments.remove(ZeroFilled.SETTING));
        return DeclaredWeights.freedOnFailure(() -> {
            Network network = constructor.apply(new NetworkSpec(spec.name(), spec.inputs(), spec.outputs(), arguments));
            if (isZeroFilled && network.requires() == Requirement.ANY_SUBSET) {
                throw new InvalidRecipeException("network." + ZeroFilled.SETTING + " of " + spec.name()
                        + " must be left out: this network takes any subset of its sequences");
            }
            return isZeroFilled ? new ZeroFilled(network) : network;
        });
    }

    private static boolean isZeroFilled(String network, Object missing) {
        return missing != null
                && new NetworkArguments(network, Map.of(ZeroFilled.SETTING, missing), ZeroFilled.SETTING)
                                .choice(ZeroFilled.SETTING, ZeroFilled.Missing.REFUSE)
                        == ZeroFilled.Missing.ZERO;
    }
}
