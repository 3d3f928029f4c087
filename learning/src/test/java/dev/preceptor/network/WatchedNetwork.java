package dev.preceptor.network;

import dev.preceptor.network.spi.NetworkProvider;
import dev.preceptor.network.spi.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A U-Net that counts how many of its kind are built, and how many forward passes run at a time. */
public final class WatchedNetwork implements Network {
    /** The name of this network. */
    public static final String NAME = "watched";

    private static final AtomicInteger BUILT = new AtomicInteger();
    private static final AtomicInteger RUNNING = new AtomicInteger();
    private static final AtomicInteger MOST_RUNNING = new AtomicInteger();

    private final NetworkSpec spec;
    private final Network network;

    private WatchedNetwork(NetworkSpec spec) {
        this.spec = spec;
        this.network = Networks.build(new NetworkSpec("unet", spec.inputs(), spec.outputs(), spec.arguments()), 0);
        BUILT.incrementAndGet();
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
        BUILT.set(0);
        MOST_RUNNING.set(0);
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            Path services = Files.createDirectories(folder.resolve("META-INF/services"));
            Files.writeString(services.resolve(NetworkProvider.class.getName()), Provider.class.getName());
            try (URLClassLoader own =
                    new URLClassLoader(new URL[] {folder.toUri().toURL()}, loader)) {
                Thread.currentThread().setContextClassLoader(own);
                work.run();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Thread.currentThread().setContextClassLoader(loader);
        }
    }

    /** The number of networks that were built. */
    public static int built() {
        return BUILT.get();
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
    public Parameters parameters() {
        return network.parameters();
    }

    @Override
    public Features forward(Input input, Computation computation) {
        MOST_RUNNING.accumulateAndGet(RUNNING.incrementAndGet(), Math::max);
        try {
            return network.forward(input, computation);
        } finally {
            RUNNING.decrementAndGet();
        }
    }

    @Override
    public int totalStride() {
        return network.totalStride();
    }

    @Override
    public List<Integer> decoderChannels() {
        return network.decoderChannels();
    }

    @Override
    public int bottleneckChannels() {
        return network.bottleneckChannels();
    }
}
