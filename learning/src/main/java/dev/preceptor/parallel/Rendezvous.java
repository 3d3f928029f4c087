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

/** The rendezvous of the ranks through a store that rank 0 serves at a known address. Stateless. */
final class Rendezvous {
    private Rendezvous() {}

    /**
     * Connects to the other ranks.
     *
     * @param folder of the run, into which rank 0 writes a secret if the environment has none
     * @param cuda whether NCCL reduces the gradients
     * @throws PreceptorException if the address is wrong or taken, or not all ranks join in time
     */
    static ProcessGroup of(DistributedEnvironment environment, Path folder, boolean cuda) {
        Torch.openGloo();
        SecretFile file = new SecretFile(folder);
        boolean writesSecret = environment.isLeader() && environment.secret().isEmpty();
        boolean isNewFolder = !Files.exists(folder);
        KeyValueStore store;
        List<String> hosts;
        try {
            store = environment.isLeader()
                    ? listen(environment, file)
                    : StoreClient.connect(environment, secret(environment, file));
            hosts = joinAll(environment, store);
        } finally {
            if (writesSecret) {
                file.delete(isNewFolder);
            }
        }
        return connect(environment, store, hosts, cuda);
    }

    private static StoreClient.SecretSource secret(DistributedEnvironment environment, SecretFile file) {
        return new StoreClient.SecretSource(
                () -> environment.secret().isPresent() ? environment.secret() : file.read(), file.path());
    }

    private static ProcessGroup connect(
            DistributedEnvironment environment, KeyValueStore store, List<String> hosts, boolean cuda) {
        List<Integer> local = IntStream.range(0, environment.size())
                .filter(rank -> hosts.get(rank).equals(hosts.get(environment.rank())))
                .boxed()
                .toList();
        Heartbeat heartbeat = new Heartbeat(store, environment.rank(), environment.size()).start();
        try {
            return new DistributedGroup(
                    environment,
                    store,
                    new Backends(environment, store, cuda),
                    heartbeat,
                    environment.localSize().orElse(local.size()),
                    environment.localRank().orElse(local.indexOf(environment.rank())));
        } catch (RuntimeException e) {
            heartbeat.close();
            store.close();
            throw new PreceptorException(
                    environment.name() + " joined the other ranks at " + environment.rendezvousAddress()
                            + " but cannot connect to them: "
                            + ErrorLine.first(e.getMessage())
                            + "; open all ports between the machines, or name the network interface by GLOO_SOCKET_IFNAME",
                    e);
        }
    }

    private static KeyValueStore listen(DistributedEnvironment environment, SecretFile file) {
        InetSocketAddress address = address(environment);
        RunSecret secret = environment.secret().orElseGet(file::write);
        try {
            return new StoreServer(address, secret);
        } catch (IOException e) {
            String reason = ErrorLine.first(e.getMessage());
            boolean isNotLocal = reason.toLowerCase(Locale.ROOT).contains("assign");
            throw new PreceptorException(
                    "rank 0 cannot listen at MASTER_ADDR:MASTER_PORT, " + environment.rendezvousAddress()
                            + (environment.bind().isPresent()
                                    ? " by PRECEPTOR_BIND " + environment.bind().get()
                                    : "")
                            + ": " + reason
                            + (isNotLocal
                                    ? "; set PRECEPTOR_BIND to the address of this machine that the others reach"
                                    : "; choose another MASTER_PORT on every rank"),
                    e);
        }
    }

    /** The address of one interface of this machine; all interfaces only if {@code PRECEPTOR_BIND} requests it. */
    private static InetSocketAddress address(DistributedEnvironment environment) {
        String host = environment.bind().orElse(environment.host());
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (IOException e) {
            throw new PreceptorException(
                    "rank 0 cannot listen at " + host + ": unknown host; correct "
                            + (environment.bind().isPresent() ? "PRECEPTOR_BIND" : "MASTER_ADDR"),
                    e);
        }
        if (environment.bind().isEmpty() && address.isAnyLocalAddress()) {
            throw new PreceptorException(
                    "MASTER_ADDR is " + host + ", which is not the address of a machine; give the address of rank 0,"
                            + " and PRECEPTOR_BIND=" + host + " if it is to listen on every network");
        }
        boolean isMultiMachine =
                environment.localSize().isPresent() && environment.localSize().getAsInt() < environment.size();
        if (environment.bind().isEmpty() && isMultiMachine && address.isLoopbackAddress()) {
            throw new PreceptorException("MASTER_ADDR " + host + " is " + address.getHostAddress()
                    + " on rank 0, which the other machines cannot reach; give its address in their network as MASTER_ADDR"
                    + " or as PRECEPTOR_BIND");
        }
        return new InetSocketAddress(address, environment.port());
    }

    /** Waits until all ranks have joined, and closes the store if they do not; the host name of each rank. */
    private static List<String> joinAll(DistributedEnvironment environment, KeyValueStore store) {
        try {
            return awaitRanks(environment, store);
        } catch (UncheckedIOException e) {
            store.close();
            throw new PreceptorException(
                    environment.name() + " lost rank 0 at " + environment.rendezvousAddress()
                            + " before all ranks had joined: "
                            + ErrorLine.first(e.getCause().getMessage())
                            + "; see the error message of rank 0, and start all ranks again",
                    e);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static List<String> awaitRanks(DistributedEnvironment environment, KeyValueStore store) {
        if (store.add("claim/" + environment.rank(), 1) > 1) {
            throw new PreceptorException("two processes joined as " + environment.name() + " at "
                    + environment.rendezvousAddress()
                    + "; give each a RANK of its own, and each training a MASTER_PORT of its own");
        }
        store.set(hostKey(environment.rank()), hostName().getBytes(StandardCharsets.UTF_8));
        List<Integer> missing =
                new ArrayList<>(IntStream.range(0, environment.size()).boxed().toList());
        long end = System.nanoTime() + environment.joinTimeout().toNanos();
        while (true) {
            missing.removeIf(rank -> store.get(hostKey(rank)).isPresent());
            if (missing.isEmpty()) {
                break;
            }
            if (System.nanoTime() > end) {
                throw new PreceptorException("not all of the " + environment.size() + " ranks joined at "
                        + environment.rendezvousAddress() + " within "
                        + environment.joinTimeout().toSeconds() + " s; missing ranks: "
                        + missing.stream().map(String::valueOf).collect(Collectors.joining(", "))
                        + "; start them, or set PRECEPTOR_JOIN_SECONDS to wait longer");
            }
            pause();
        }
        return IntStream.range(0, environment.size())
                .mapToObj(rank -> new String(store.get(hostKey(rank)).orElseThrow(), StandardCharsets.UTF_8))
                .toList();
    }

    private static String hostKey(int rank) {
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

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            // A machine without a name counts as shared with other nameless ones only.
            return "nameless";
        }
    }
}
