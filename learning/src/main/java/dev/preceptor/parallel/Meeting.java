package dev.preceptor.parallel;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
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
final class Meeting {
    /** Gloo's own time-out, for a step, a validation, a checkpoint on a slow disk; {@link Watch} is there for lost ranks. */
    private static final long OPERATION_HOURS = 24;

    private static final int ATTEMPT_MILLIS = 2000;

    private Meeting() {}

    static Group of(Launch launch, boolean cuda) {
        Torch.openGloo();
        try (PointerScope scope = new PointerScope()) {
            TCPStore store = open(launch);
            List<String> hosts = assemble(launch, store);
            List<Integer> here = IntStream.range(0, launch.size())
                    .filter(rank -> hosts.get(rank).equals(hosts.get(launch.rank())))
                    .boxed()
                    .toList();
            Watch watch = new Watch(connect(launch, false), launch.rank(), launch.size()).start();
            try {
                Backend gloo = gloo(launch, store);
                return new Joined(
                        launch,
                        store,
                        gloo,
                        cuda ? nccl(launch, store) : gloo,
                        watch,
                        launch.localSize().orElse(here.size()),
                        launch.localRank().orElse(here.indexOf(launch.rank())));
            } catch (RuntimeException e) {
                watch.close();
                throw new PreceptorException(
                        name(launch) + " met the others at " + launch.meetingPoint() + " but cannot talk to them: "
                                + ErrorLine.first(e.getMessage())
                                + "; the machines must reach each other on any port, GLOO_SOCKET_IFNAME names the network",
                        e);
            }
        }
    }

    private static String name(Launch launch) {
        return "rank " + launch.rank() + " of " + launch.size();
    }

    /** The store that rank 0 keeps. */
    private static TCPStore open(Launch launch) {
        if (launch.leads()) {
            requireFreePort(launch);
        } else {
            awaitRank0(launch);
        }
        return connect(launch, launch.leads());
    }

    /** libtorch would say the same in twenty lines. */
    private static void requireFreePort(Launch launch) {
        try (Socket socket = new Socket()) {
            socket.setReuseAddress(true);
            // Without listening: a rank that came early would take it for the store.
            socket.bind(new InetSocketAddress(launch.port()));
        } catch (IOException e) {
            throw cannotListen(launch, e);
        }
    }

    private static PreceptorException cannotListen(Launch launch, Exception e) {
        return new PreceptorException(
                "rank 0 cannot listen at MASTER_ADDR:MASTER_PORT, " + launch.meetingPoint() + ": "
                        + ErrorLine.first(e.getMessage()) + "; choose another MASTER_PORT on every rank",
                e);
    }

    private static void awaitRank0(Launch launch) {
        long end = System.nanoTime() + launch.patience().toNanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(launch.host(), launch.port()), ATTEMPT_MILLIS);
                return;
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw unreachable(launch, e);
                }
                pause();
            }
        }
    }

    private static PreceptorException unreachable(Launch launch, Exception e) {
        return new PreceptorException(
                name(launch) + " cannot reach rank 0 at MASTER_ADDR:MASTER_PORT, " + launch.meetingPoint()
                        + ", within " + launch.patience().toSeconds() + " s: " + ErrorLine.first(e.getMessage())
                        + "; start rank 0 there, or correct the address",
                e);
    }

    private static TCPStore connect(Launch launch, boolean keeps) {
        TCPStoreOptions options = new TCPStoreOptions();
        options.port((short) launch.port());
        options.isServer(keeps);
        options.waitWorkers(false);
        options.timeout(new Milliseconds(launch.patience().toMillis()));
        try {
            return new TCPStore(launch.host(), options);
        } catch (RuntimeException e) {
            throw keeps ? cannotListen(launch, e) : unreachable(launch, e);
        }
    }

    /** Waits for all; gives the names of their machines by rank. */
    private static List<String> assemble(Launch launch, TCPStore store) {
        if (store.add("claim/" + launch.rank(), 1) > 1) {
            throw new PreceptorException(
                    "two processes say that they are " + name(launch) + " at " + launch.meetingPoint()
                            + "; give each a RANK of its own, and each training a MASTER_PORT of its own");
        }
        store.set(here(launch.rank()), machine());
        List<Integer> missing =
                new ArrayList<>(IntStream.range(0, launch.size()).boxed().toList());
        long end = System.nanoTime() + launch.patience().toNanos();
        while (true) {
            missing.removeIf(rank -> isHere(store, rank));
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
    private static Backend gloo(Launch launch, TCPStore store) {
        ProcessGroupGloo.Options options = Tensors.keep(ProcessGroupGloo.Options.create(
                new Milliseconds(launch.patience().toMillis())));
        options.devices(Tensors.keep(new GlooDeviceVector(Tensors.keep(network(launch)))));
        ProcessGroupGloo gloo = Tensors.keep(new ProcessGroupGloo(store, launch.rank(), launch.size(), options));
        gloo.setTimeout(new Milliseconds(TimeUnit.HOURS.toMillis(OPERATION_HOURS)));
        return gloo;
    }

    /** The network on which rank 0 is reached; asked of the routing table, because the name of a machine often misleads. */
    private static Device network(Launch launch) {
        String named = System.getenv("GLOO_SOCKET_IFNAME");
        if (named != null && !named.isBlank()) {
            return ProcessGroupGloo.createDeviceForInterface(named.strip());
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(launch.host(), launch.port()));
            return ProcessGroupGloo.createDeviceForHostname(
                    socket.getLocalAddress().getHostAddress());
        } catch (IOException e) {
            throw new PreceptorException("no network leads to " + launch.meetingPoint() + ": " + Reason.of(e), e);
        }
    }

    private static Backend nccl(Launch launch, TCPStore store) {
        Torch.openNccl();
        Store own = Tensors.keep(new PrefixStore("nccl", store));
        return Tensors.keep(new ProcessGroupNCCL(own, launch.rank(), launch.size()));
    }
}
