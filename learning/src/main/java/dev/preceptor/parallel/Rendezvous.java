package dev.preceptor.parallel;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.gloo.Device;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/** How the processes of a launch find each other: in a store that rank 0 keeps at a known address. Stateless. */
final class Rendezvous {
    /** Gloo's own time-out, for a step, a validation, a checkpoint on a slow disk; {@link Heartbeat} is there for lost ranks. */
    private static final long OPERATION_HOURS = 24;

    private static final int ATTEMPT_MILLIS = 2000;

    private Rendezvous() {}

    static ProcessGroup of(DistributedEnvironment distributedEnvironment, boolean cuda) {
        Torch.openGloo();
        try (PointerScope scope = new PointerScope()) {
            TCPStore store = open(distributedEnvironment);
            List<String> hosts = assemble(distributedEnvironment, store);
            List<Integer> here = IntStream.range(0, distributedEnvironment.size())
                    .filter(rank -> hosts.get(rank).equals(hosts.get(distributedEnvironment.rank())))
                    .boxed()
                    .toList();
            Heartbeat heartbeat = new Heartbeat(
                            connect(distributedEnvironment, false),
                            distributedEnvironment.rank(),
                            distributedEnvironment.size())
                    .start();
            try {
                Backend gloo = gloo(distributedEnvironment, store);
                return new DistributedGroup(
                        distributedEnvironment,
                        store,
                        gloo,
                        cuda ? nccl(distributedEnvironment, store) : gloo,
                        heartbeat,
                        distributedEnvironment.localSize().orElse(here.size()),
                        distributedEnvironment.localRank().orElse(here.indexOf(distributedEnvironment.rank())));
            } catch (RuntimeException e) {
                heartbeat.close();
                throw new PreceptorException(
                        name(distributedEnvironment) + " met the others at " + distributedEnvironment.meetingPoint()
                                + " but cannot talk to them: "
                                + ErrorLine.first(e.getMessage())
                                + "; the machines must reach each other on any port, GLOO_SOCKET_IFNAME names the network",
                        e);
            }
        }
    }

    private static String name(DistributedEnvironment distributedEnvironment) {
        return "rank " + distributedEnvironment.rank() + " of " + distributedEnvironment.size();
    }

    /** The store that rank 0 keeps. */
    private static TCPStore open(DistributedEnvironment distributedEnvironment) {
        if (distributedEnvironment.leads()) {
            requireFreePort(distributedEnvironment);
        } else {
            awaitRank0(distributedEnvironment);
        }
        return connect(distributedEnvironment, distributedEnvironment.leads());
    }

    /** libtorch would say the same in twenty lines. */
    private static void requireFreePort(DistributedEnvironment distributedEnvironment) {
        try (Socket socket = new Socket()) {
            socket.setReuseAddress(true);
            // Without listening: a rank that came early would take it for the store.
            socket.bind(new InetSocketAddress(distributedEnvironment.port()));
        } catch (IOException e) {
            throw cannotListen(distributedEnvironment, e);
        }
    }

    private static PreceptorException cannotListen(DistributedEnvironment distributedEnvironment, Exception e) {
        return new PreceptorException(
                "rank 0 cannot listen at MASTER_ADDR:MASTER_PORT, " + distributedEnvironment.meetingPoint() + ": "
                        + ErrorLine.first(e.getMessage()) + "; choose another MASTER_PORT on every rank",
                e);
    }

    private static void awaitRank0(DistributedEnvironment distributedEnvironment) {
        long end = System.nanoTime() + distributedEnvironment.patience().toNanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(distributedEnvironment.host(), distributedEnvironment.port()),
                        ATTEMPT_MILLIS);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw unreachable(distributedEnvironment, e);
                }
                pause();
            }
        }
    }

    private static PreceptorException unreachable(DistributedEnvironment distributedEnvironment, Exception e) {
        return new PreceptorException(
                name(distributedEnvironment) + " cannot reach rank 0 at MASTER_ADDR:MASTER_PORT, "
                        + distributedEnvironment.meetingPoint()
                        + ", within " + distributedEnvironment.patience().toSeconds() + " s: "
                        + ErrorLine.first(e.getMessage())
                        + "; start rank 0 there, or correct the address",
                e);
    }

    private static TCPStore connect(DistributedEnvironment distributedEnvironment, boolean keeps) {
        TCPStoreOptions options = new TCPStoreOptions();
        options.port((short) distributedEnvironment.port());
        options.isServer(keeps);
        options.waitWorkers(false);
        options.timeout(new Milliseconds(distributedEnvironment.patience().toMillis()));
        try {
            return new TCPStore(distributedEnvironment.host(), options);
        } catch (RuntimeException e) {
            throw keeps ? cannotListen(distributedEnvironment, e) : unreachable(distributedEnvironment, e);
        }
    }

    /** Waits for all; gives the names of their machines by rank. */
    private static List<String> assemble(DistributedEnvironment distributedEnvironment, TCPStore store) {
        if (store.add("claim/" + distributedEnvironment.rank(), 1) > 1) {
            throw new PreceptorException("two processes say that they are " + name(distributedEnvironment) + " at "
                    + distributedEnvironment.meetingPoint()
                    + "; give each a RANK of its own, and each training a MASTER_PORT of its own");
        }
        store.set(here(distributedEnvironment.rank()), machine());
        List<Integer> missing = new ArrayList<>(
                IntStream.range(0, distributedEnvironment.size()).boxed().toList());
        long end = System.nanoTime() + distributedEnvironment.patience().toNanos();
        while (true) {
            missing.removeIf(rank -> isHere(store, rank));
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
                .mapToObj(rank -> store.get_to_str(here(rank)))
                .toList();
    }

    private static boolean isHere(TCPStore store, int rank) {
        try (StringVector key = new StringVector(here(rank))) {
            return store.check(key);
        }
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
            // A machine without a name is alone with itself.
            return "nameless";
        }
    }

    /**
     * The binding passes options, devices and stores on without a share in them, so that whatever a group was made of must
     * live as long as it; they are small and stay for good. The store of rank 0 is the caller's, which closes it last.
     */
    private static Backend gloo(DistributedEnvironment distributedEnvironment, TCPStore store) {
        ProcessGroupGloo.Options options = Tensors.keep(ProcessGroupGloo.Options.create(
                new Milliseconds(distributedEnvironment.patience().toMillis())));
        options.devices(Tensors.keep(new GlooDeviceVector(Tensors.keep(network(distributedEnvironment)))));
        ProcessGroupGloo gloo = Tensors.keep(
                new ProcessGroupGloo(store, distributedEnvironment.rank(), distributedEnvironment.size(), options));
        gloo.setTimeout(new Milliseconds(TimeUnit.HOURS.toMillis(OPERATION_HOURS)));
        return gloo;
    }

    /** The network on which rank 0 is reached; asked of the routing table, because the name of a machine often misleads. */
    private static Device network(DistributedEnvironment distributedEnvironment) {
        String named = System.getenv("GLOO_SOCKET_IFNAME");
        if (named != null && !named.isBlank()) {
            return ProcessGroupGloo.createDeviceForInterface(named.strip());
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(distributedEnvironment.host(), distributedEnvironment.port()));
            return ProcessGroupGloo.createDeviceForHostname(
                    socket.getLocalAddress().getHostAddress());
        } catch (IOException e) {
            throw new PreceptorException(
                    "no network leads to " + distributedEnvironment.meetingPoint() + ": " + e.getMessage(), e);
        }
    }

    private static Backend nccl(DistributedEnvironment distributedEnvironment, TCPStore store) {
        Torch.openNccl();
        Store own = Tensors.keep(new PrefixStore("nccl", store));
        return Tensors.keep(new ProcessGroupNCCL(own, distributedEnvironment.rank(), distributedEnvironment.size()));
    }
}
