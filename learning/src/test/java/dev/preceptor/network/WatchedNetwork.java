package dev.preceptor.network;

import dev.preceptor.network.spi.NetworkProvider;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.testing.TemporaryProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A U-Net that counts how many of its kind are built, their weights, and how many forward passes run at a time. */
public final class WatchedNetwork implements ForwardingNetwork {
    /** The name of this network. */
    public static final String NAME = "watched";

    private static final List<Network> BUILT = Collections.synchronizedList(new ArrayList<>());
    private static final AtomicInteger RUNNING = new AtomicInteger();
    private static final AtomicInteger MOST_RUNNING = new AtomicInteger();

    private final NetworkSpec spec;
    private final Network network;

    private WatchedNetwork(NetworkSpec spec) {
        this.spec = spec;
        this.network = Networks.build(new NetworkSpec("unet", spec.inputs(), spec.outputs(), spec.arguments()), 0);
        BUILT.add(network);
    }

    /** Offers the network. */
    public static final class Provider implements NetworkProvider {
        @Override
        public Map<String, Function<NetworkSpec, Network>> networks() {
            return Map.of(NAME, WatchedNetwork::new);
        }
    }

    /** Runs some work in which the network can be built by its name; the counts start at 0. */
    public static void during(Path folder, Runnable work) {
        BUILT.clear();
        MOST_RUNNING.set(0);
        TemporaryProvider.during(folder, NetworkProvider.class, Provider.class, work);
    }

    /** The number of networks that were built. */
    public static int built() {
        return BUILT.size();
    }

    /** The number of scalars in the weights of those that are not closed. */
    public static long weights() {
        return BUILT.stream().mapToLong(network -> network.parameters().count()).sum();
    }

    /** The largest number of forward passes that ran at a time. */
    public static int mostRunning() {
        return MOST_RUNNING.get();
    }

    @Override
    public NetworkSpec spec() {
        return spec;
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public Features forward(Tape tape, Input input) {
        MOST_RUNNING.accumulateAndGet(RUNNING.incrementAndGet(), Math::max);
        try {
            return network.forward(tape, input);
        } finally {
            RUNNING.decrementAndGet();
        }
    }
}
