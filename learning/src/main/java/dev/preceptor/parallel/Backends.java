package dev.preceptor.parallel;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.gloo.Device;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * The native process groups of a rank and the objects that they were built from. All of them stay reachable until
 * {@link #close}, which frees them in reverse order of creation: process groups, options, devices, stores.
 */
final class Backends implements AutoCloseable {
    /** Gloo's timeout for one collective, long enough for a validation or a checkpoint; {@link Heartbeat} detects lost ranks. */
    private static final long COLLECTIVE_TIMEOUT_HOURS = 24;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Backend cpu;
    private final Backend gradients;

    /** @param cuda whether gradients are reduced by NCCL; otherwise Gloo reduces them */
    Backends(DistributedEnvironment environment, KeyValueStore shared, boolean cuda) {
        try (PointerScope scope = new PointerScope()) {
            cpu = gloo(environment, shared, "gloo/");
            gradients = cuda ? nccl(environment, shared) : gloo(environment, shared, "gradients/");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The backend for tensors on the CPU: Gloo. */
    Backend cpu() {
        return cpu;
    }

    /**
     * The backend for gradients, which are on the device of the weights. It serves nothing else: a rank may start the all-reduce of a
     * bucket before a collective of a loss and another rank after it, and one backend would pair the two.
     */
    Backend gradients() {
        return gradients;
    }

    private <P extends Pointer> P owned(P pointer) {
        Tensors.keep(pointer);
        parts.push(() -> Tensors.release(pointer));
        return pointer;
    }

    private LocalStore owned(LocalStore store) {
        parts.push(store);
        return store;
    }

    /** Gloo exchanges one key per rank, {@code DEVICE/RANK}, while the process group is created. */
    private Backend gloo(DistributedEnvironment environment, KeyValueStore shared, String prefix) {
        List<String> others = new ArrayList<>(IntStream.range(0, environment.size())
                .mapToObj(rank -> "0/" + rank)
                .toList());
        String own = others.remove(environment.rank());
        LocalStore local = owned(new LocalStore(shared, prefix, List.of(own), others, environment.joinTimeout()));
        Device device = owned(networkDevice(environment));
        GlooDeviceVector devices = owned(new GlooDeviceVector(device));
        ProcessGroupGloo.Options options = owned(ProcessGroupGloo.Options.create(
                new Milliseconds(environment.joinTimeout().toMillis())));
        options.devices(devices);
        ProcessGroupGloo gloo =
                owned(new ProcessGroupGloo(local.store(), environment.rank(), environment.size(), options));
        gloo.setTimeout(new Milliseconds(TimeUnit.HOURS.toMillis(COLLECTIVE_TIMEOUT_HOURS)));
        return gloo;
    }

    /** The network interface that routes to rank 0; the host name of a machine often resolves to another interface. */
    private static Device networkDevice(DistributedEnvironment environment) {
        String interfaceName = System.getenv("GLOO_SOCKET_IFNAME");
        if (interfaceName != null && !interfaceName.isBlank()) {
            return ProcessGroupGloo.createDeviceForInterface(interfaceName.strip());
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(environment.host(), environment.port()));
            return ProcessGroupGloo.createDeviceForHostname(
                    socket.getLocalAddress().getHostAddress());
        } catch (IOException e) {
            throw new PreceptorException(
                    "no network interface routes to rank 0 at " + environment.rendezvousAddress() + ": " + Reason.of(e)
                            + "; correct MASTER_ADDR, or name an interface by GLOO_SOCKET_IFNAME",
                    e);
        }
    }

    /** NCCL exchanges one key, the id of the communicator, which rank 0 writes at the first collective. */
    private Backend nccl(DistributedEnvironment environment, KeyValueStore shared) {
        Torch.openNccl();
        List<String> key = List.of("0");
        LocalStore local = owned(
                environment.isLeader()
                        ? new LocalStore(shared, "nccl/", key, List.of(), environment.joinTimeout())
                        : new LocalStore(shared, "nccl/", List.of(), key, environment.joinTimeout()));
        return owned(new ProcessGroupNCCL(local.store(), environment.rank(), environment.size()));
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("no part throws a checked exception", e);
            }
        }
    }
}
