package dev.preceptor.network.spi;

import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkSpec;
import java.util.Map;
import java.util.function.Function;

/**
 * Adds networks by name. A provider has a public constructor without parameters, and its class name stands in
 * {@code META-INF/services/dev.preceptor.network.spi.NetworkProvider} of its jar.
 */
@FunctionalInterface
public interface NetworkProvider {
    /**
     * The constructor of each network by the name that recipes and model files give it.
     *
     * <p>A constructor draws fresh weights from libtorch's generator, which is seeded before the call, and refuses arguments
     * that it does not know with an {@link dev.preceptor.base.InvalidRecipeException} ({@link
     * dev.preceptor.network.NetworkArguments} does).
     */
    Map<String, Function<NetworkSpec, Network>> networks();
}
