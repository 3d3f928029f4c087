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
 * The native process groups of a rank, with everything that they were made of. All of it stays reachable from here until
 * {@link #close}, which frees it in the reverse order of its making: groups, options, devices, stores.
 */
final class Backends implements AutoCloseable {
    /** Gloo's own time limit, for a step, a validation, a checkpoint on a slow disk; {@link Heartbeat} notices lost ranks. */
    private static final long OPERATION_HOURS = 24;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Backend cpu;
    private final Backend gradients;

    /** @param cuda whether NCCL carries the gradients */
    Backends(DistributedEnvironment distributedEnvironment, KeyValueStore shared, boolean cuda) {
        try (PointerScope scope = new PointerScope()) {
            cpu = gloo(distributedEnvironment, shared);
            gradients = cuda ? nccl(distributedEnvironment, shared) : cpu;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Carries what lives on the CPU. */
    Backend cpu() {
        return cpu;
    }

    /** Carries what lives with the weights. */
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

    /** Gloo exchanges one key a rank, {@code DEVICE/RANK}, while the group is made. */
    private Backend gloo(DistributedEnvironment distributedEnvironment, KeyValueStore shared) {
        List<String> others = new ArrayList<>(IntStream.range(0, distributedEnvironment.size())
                .mapToObj(rank -> "0/" + rank)
                .toList());
        String own = others.remove(distributedEnvironment.rank());
        LocalStore local =
                owned(new LocalStore(shared, "gloo/", List.of(own), others, distributedEnvironment.patience()));
        Device device = owned(network(distributedEnvironment));
        GlooDeviceVector devices = owned(new GlooDeviceVector(device));
        ProcessGroupGloo.Options options = owned(ProcessGroupGloo.Options.create(
                new Milliseconds(distributedEnvironment.patience().toMillis())));
        options.devices(devices);
        ProcessGroupGloo gloo = owned(new ProcessGroupGloo(
                local.store(), distributedEnvironment.rank(), distributedEnvironment.size(), options));
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
                    "no network leads to " + distributedEnvironment.meetingPoint() + ": " + Reason.of(e), e);
        }
    }

    /** NCCL exchanges one key, the number of the communicator, written by rank 0 at the first collective. */
    private Backend nccl(DistributedEnvironment distributedEnvironment, KeyValueStore shared) {
        Torch.openNccl();
        List<String> key = List.of("0");
        LocalStore local = owned(
                distributedEnvironment.leads()
                        ? new LocalStore(shared, "nccl/", key, List.of(), distributedEnvironment.patience())
                        : new LocalStore(shared, "nccl/", List.of(), key, distributedEnvironment.patience()));
        return owned(new ProcessGroupNCCL(local.store(), distributedEnvironment.rank(), distributedEnvironment.size()));
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("nothing here throws a checked exception", e);
            }
        }
    }
}
