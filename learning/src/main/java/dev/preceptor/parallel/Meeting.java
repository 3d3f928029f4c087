package dev.preceptor.parallel;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How the processes of a launch find each other: in a store that rank 0 keeps at a known address. Stateless. */
final class Meeting {
    private Meeting() {}

    /**
     * Connects to the other processes.
     *
     * @param folder of the run, where rank 0 leaves the secret for the others if the launch has none
     */
    static Group of(Launch launch, Path folder, boolean cuda) {
        Torch.openGloo();
        SecretFile file = new SecretFile(folder);
        boolean leavesSecret = launch.leads() && launch.secret().isEmpty();
        boolean isNewFolder = !Files.exists(folder);
        KeyValueStore store;
        List<String> hosts;
        try {
            store = launch.leads() ? listen(launch, file) : StoreClient.connect(launch, secret(launch, file));
            hosts = assembled(launch, store);
        } finally {
            if (leavesSecret) {
                file.delete(isNewFolder);
            }
        }
        return joined(launch, store, hosts, cuda);
    }

    private static StoreClient.SecretSource secret(Launch launch, SecretFile file) {
        return new StoreClient.SecretSource(
                () -> launch.secret().isPresent() ? launch.secret() : file.read(), file.path());
    }

    private static Group joined(Launch launch, KeyValueStore store, List<String> hosts, boolean cuda) {
        List<Integer> here = IntStream.range(0, launch.size())
                .filter(rank -> hosts.get(rank).equals(hosts.get(launch.rank())))
                .boxed()
                .toList();
        Watch watch = new Watch(store, launch.rank(), launch.size()).start();
        try {
            return new Joined(
                    launch,
                    store,
                    new Backends(launch, store, cuda),
                    watch,
                    launch.localSize().orElse(here.size()),
                    launch.localRank().orElse(here.indexOf(launch.rank())));
        } catch (RuntimeException e) {
            watch.close();
            store.close();
            throw new PreceptorException(
                    launch.name() + " met the others at " + launch.meetingPoint() + " but cannot talk to them: "
                            + ErrorLine.first(e.getMessage())
                            + "; the machines must reach each other on any port, GLOO_SOCKET_IFNAME names the network",
                    e);
        }
    }

    private static KeyValueStore listen(Launch launch, SecretFile file) {
        InetSocketAddress address = address(launch);
        RunSecret secret = launch.secret().orElseGet(file::write);
        try {
            return new StoreServer(address, secret);
        } catch (IOException e) {
            String reason = ErrorLine.first(e.getMessage());
            boolean isForeign = reason.toLowerCase(Locale.ROOT).contains("assign");
            throw new PreceptorException(
                    "rank 0 cannot listen at MASTER_ADDR:MASTER_PORT, " + launch.meetingPoint()
                            + (launch.bind().isPresent()
                                    ? " by PRECEPTOR_BIND " + launch.bind().get()
                                    : "") + ": " + reason
                            + (isForeign
                                    ? "; set PRECEPTOR_BIND to the address of this machine that the others reach"
                                    : "; choose another MASTER_PORT on every rank"),
                    e);
        }
    }

    /** One interface of this machine; all of them only if {@code PRECEPTOR_BIND} says so. */
    private static InetSocketAddress address(Launch launch) {
        String host = launch.bind().orElse(launch.host());
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (IOException e) {
            throw new PreceptorException(
                    "rank 0 cannot listen at " + host + ": no machine has this name; correct "
                            + (launch.bind().isPresent() ? "PRECEPTOR_BIND" : "MASTER_ADDR"),
                    e);
        }
        if (launch.bind().isEmpty() && address.isAnyLocalAddress()) {
            throw new PreceptorException(
                    "MASTER_ADDR is " + host + ", which names no machine; give the address of rank 0,"
                            + " and PRECEPTOR_BIND=" + host + " if it is to listen on every network");
        }
        boolean isSpread = launch.localSize().isPresent() && launch.localSize().getAsInt() < launch.size();
        if (launch.bind().isEmpty() && isSpread && address.isLoopbackAddress()) {
            throw new PreceptorException("MASTER_ADDR " + host + " is " + address.getHostAddress()
                    + " on rank 0, which the other machines cannot reach; give its address in their network as MASTER_ADDR"
                    + " or as PRECEPTOR_BIND");
        }
        return new InetSocketAddress(address, launch.port());
    }

    /** Waits for all, or closes the store; gives the names of their machines by rank. */
    private static List<String> assembled(Launch launch, KeyValueStore store) {
        try {
            return assemble(launch, store);
        } catch (UncheckedIOException e) {
            store.close();
            throw new PreceptorException(
                    launch.name() + " lost rank 0 at " + launch.meetingPoint()
                            + " before all ranks had come: "
                            + ErrorLine.first(e.getCause().getMessage())
                            + "; see what rank 0 says, and start all ranks again",
                    e);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static List<String> assemble(Launch launch, KeyValueStore store) {
        if (store.add("claim/" + launch.rank(), 1) > 1) {
            throw new PreceptorException(
                    "two processes say that they are " + launch.name() + " at " + launch.meetingPoint()
                            + "; give each a RANK of its own, and each training a MASTER_PORT of its own");
        }
        store.set(here(launch.rank()), machine().getBytes(StandardCharsets.UTF_8));
        List<Integer> missing =
                new ArrayList<>(IntStream.range(0, launch.size()).boxed().toList());
        long end = System.nanoTime() + launch.patience().toNanos();
        while (true) {
            missing.removeIf(rank -> store.get(here(rank)).isPresent());
            if (missing.isEmpty()) {
                break;
            }
            if (System.nanoTime() > end) {
                throw new PreceptorException("not all of the " + launch.size() + " ranks came to "
                        + launch.meetingPoint() + " within " + launch.patience().toSeconds() + " s; missing: "
                        + missing.stream().map(String::valueOf).collect(Collectors.joining(", ")));
            }
            pause();
        }
        return IntStream.range(0, launch.size())
                .mapToObj(rank -> new String(store.get(here(rank)).orElseThrow(), StandardCharsets.UTF_8))
                .toList();
    }

    private static String here(int rank) {
        return "here/" + rank;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted while waiting for the other ranks", e);
        }
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            // Without a name it shares the machine with nobody that anyone knows of.
            return "nameless";
        }
    }
}
