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
final class Rendezvous {
    private Rendezvous() {}

    /**
     * Connects to the other processes.
     *
     * @param folder of the run, where rank 0 leaves the secret for the others if the launch has none
     */
    static ProcessGroup of(DistributedEnvironment distributedEnvironment, Path folder, boolean cuda) {
        Torch.openGloo();
        SecretFile file = new SecretFile(folder);
        boolean leavesSecret = distributedEnvironment.leads()
                && distributedEnvironment.secret().isEmpty();
        boolean isNewFolder = !Files.exists(folder);
        KeyValueStore store;
        List<String> hosts;
        try {
            store = distributedEnvironment.leads()
                    ? listen(distributedEnvironment, file)
                    : StoreClient.connect(distributedEnvironment, secret(distributedEnvironment, file));
            hosts = assembled(distributedEnvironment, store);
        } finally {
            if (leavesSecret) {
                file.delete(isNewFolder);
            }
        }
        return joined(distributedEnvironment, store, hosts, cuda);
    }

    private static StoreClient.SecretSource secret(DistributedEnvironment distributedEnvironment, SecretFile file) {
        return new StoreClient.SecretSource(
                () -> distributedEnvironment.secret().isPresent() ? distributedEnvironment.secret() : file.read(),
                file.path());
    }

    private static ProcessGroup joined(
            DistributedEnvironment distributedEnvironment, KeyValueStore store, List<String> hosts, boolean cuda) {
        List<Integer> here = IntStream.range(0, distributedEnvironment.size())
                .filter(rank -> hosts.get(rank).equals(hosts.get(distributedEnvironment.rank())))
                .boxed()
                .toList();
        Heartbeat heartbeat =
                new Heartbeat(store, distributedEnvironment.rank(), distributedEnvironment.size()).start();
        try {
            return new DistributedGroup(
                    distributedEnvironment,
                    store,
                    new Backends(distributedEnvironment, store, cuda),
                    heartbeat,
                    distributedEnvironment.localSize().orElse(here.size()),
                    distributedEnvironment.localRank().orElse(here.indexOf(distributedEnvironment.rank())));
        } catch (RuntimeException e) {
            heartbeat.close();
            store.close();
            throw new PreceptorException(
                    distributedEnvironment.name() + " met the others at " + distributedEnvironment.meetingPoint()
                            + " but cannot talk to them: "
                            + ErrorLine.first(e.getMessage())
                            + "; the machines must reach each other on any port, GLOO_SOCKET_IFNAME names the network",
                    e);
        }
    }

    private static KeyValueStore listen(DistributedEnvironment distributedEnvironment, SecretFile file) {
        InetSocketAddress address = address(distributedEnvironment);
        RunSecret secret = distributedEnvironment.secret().orElseGet(file::write);
        try {
            return new StoreServer(address, secret);
        } catch (IOException e) {
            String reason = ErrorLine.first(e.getMessage());
            boolean isForeign = reason.toLowerCase(Locale.ROOT).contains("assign");
            throw new PreceptorException(
                    "rank 0 cannot listen at MASTER_ADDR:MASTER_PORT, " + distributedEnvironment.meetingPoint()
                            + (distributedEnvironment.bind().isPresent()
                                    ? " by PRECEPTOR_BIND "
                                            + distributedEnvironment.bind().get()
                                    : "")
                            + ": " + reason
                            + (isForeign
                                    ? "; set PRECEPTOR_BIND to the address of this machine that the others reach"
                                    : "; choose another MASTER_PORT on every rank"),
                    e);
        }
    }

    /** One interface of this machine; all of them only if {@code PRECEPTOR_BIND} says so. */
    private static InetSocketAddress address(DistributedEnvironment distributedEnvironment) {
        String host = distributedEnvironment.bind().orElse(distributedEnvironment.host());
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (IOException e) {
            throw new PreceptorException(
                    "rank 0 cannot listen at " + host + ": no machine has this name; correct "
                            + (distributedEnvironment.bind().isPresent() ? "PRECEPTOR_BIND" : "MASTER_ADDR"),
                    e);
        }
        if (distributedEnvironment.bind().isEmpty() && address.isAnyLocalAddress()) {
            throw new PreceptorException(
                    "MASTER_ADDR is " + host + ", which names no machine; give the address of rank 0,"
                            + " and PRECEPTOR_BIND=" + host + " if it is to listen on every network");
        }
        boolean isSpread = distributedEnvironment.localSize().isPresent()
                && distributedEnvironment.localSize().getAsInt() < distributedEnvironment.size();
        if (distributedEnvironment.bind().isEmpty() && isSpread && address.isLoopbackAddress()) {
            throw new PreceptorException("MASTER_ADDR " + host + " is " + address.getHostAddress()
                    + " on rank 0, which the other machines cannot reach; give its address in their network as MASTER_ADDR"
                    + " or as PRECEPTOR_BIND");
        }
        return new InetSocketAddress(address, distributedEnvironment.port());
    }

    /** Waits for all, or closes the store; gives the names of their machines by rank. */
    private static List<String> assembled(DistributedEnvironment distributedEnvironment, KeyValueStore store) {
        try {
            return assemble(distributedEnvironment, store);
        } catch (UncheckedIOException e) {
            store.close();
            throw new PreceptorException(
                    distributedEnvironment.name() + " lost rank 0 at " + distributedEnvironment.meetingPoint()
                            + " before all ranks had come: "
                            + ErrorLine.first(e.getCause().getMessage())
                            + "; see what rank 0 says, and start all ranks again",
                    e);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static List<String> assemble(DistributedEnvironment distributedEnvironment, KeyValueStore store) {
        if (store.add("claim/" + distributedEnvironment.rank(), 1) > 1) {
            throw new PreceptorException("two processes say that they are " + distributedEnvironment.name() + " at "
                    + distributedEnvironment.meetingPoint()
                    + "; give each a RANK of its own, and each training a MASTER_PORT of its own");
        }
        store.set(here(distributedEnvironment.rank()), machine().getBytes(StandardCharsets.UTF_8));
        List<Integer> missing = new ArrayList<>(
                IntStream.range(0, distributedEnvironment.size()).boxed().toList());
        long end = System.nanoTime() + distributedEnvironment.patience().toNanos();
        while (true) {
            missing.removeIf(rank -> store.get(here(rank)).isPresent());
            if (missing.isEmpty()) {
                break;
            }
            if (System.nanoTime() > end) {
                throw new PreceptorException("not all of the " + distributedEnvironment.size() + " ranks came to "
                        + distributedEnvironment.meetingPoint() + " within "
                        + distributedEnvironment.patience().toSeconds() + " s; missing: "
                        + missing.stream().map(String::valueOf).collect(Collectors.joining(", ")));
            }
            pause();
        }
        return IntStream.range(0, distributedEnvironment.size())
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
