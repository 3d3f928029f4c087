package dev.preceptor.parallel;

import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;

/**
 * Several processes that met. Sums run in an order that depends on the ranks alone, so that every process gets the same bits,
 * every time.
 */
final class DistributedGroup implements ProcessGroup {
    private static final int SPINS = 50;
    private static final long PAUSE_NANOS = 50_000;

    private final DistributedEnvironment distributedEnvironment;
    private final KeyValueStore store;
    private final Backends backends;
    private final Heartbeat heartbeat;
    private final int localSize;
    private final int localRank;
    private final Set<Operation> outstanding = new HashSet<>();
    private boolean failed;

    /** Owns all of its arguments from now on. */
    DistributedGroup(
            DistributedEnvironment distributedEnvironment,
            KeyValueStore store,
            Backends backends,
            Heartbeat heartbeat,
            int localSize,
            int localRank) {
        this.distributedEnvironment = distributedEnvironment;
        this.store = store;
        this.backends = backends;
        this.heartbeat = heartbeat;
        this.localSize = localSize;
        this.localRank = localRank;
    }

    @Override
    public int rank() {
        return distributedEnvironment.rank();
    }

    @Override
    public int size() {
        return distributedEnvironment.size();
    }

    @Override
    public int localSize() {
        return localSize;
    }

    @Override
    public int localRank() {
        return localRank;
    }

    @Override
    public List<double[]> allGather(double[] mine) {
        if (mine.length == 0) {
            return Collections.nCopies(size(), mine);
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            // Everyone adds to zeros: exact, and the same operation as all else.
            Tensor all =
                    torch.zeros(new long[] {(long) size() * mine.length}, new TensorOptions(torch.ScalarType.Double));
            DoublePointer numbers = new DoublePointer(all.data_ptr());
            numbers.position((long) rank() * mine.length).put(mine, 0, mine.length);
            sum(backends.cpu(), all);
            double[] found = new double[size() * mine.length];
            new DoublePointer(all.data_ptr()).get(found);
            return IntStream.range(0, size())
                    .mapToObj(r -> Arrays.copyOfRange(found, r * mine.length, (r + 1) * mine.length))
                    .toList();
        }
    }

    @Override
    public List<byte[]> allGather(byte[] mine) {
        int[] lengths = allGather(new double[] {mine.length}).stream()
                .mapToInt(row -> (int) row[0])
                .toArray();
        int longest = Arrays.stream(lengths).max().orElse(0);
        if (longest == 0) {
            return Collections.nCopies(size(), mine);
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor all = torch.zeros(
                    new long[] {Math.multiplyExact((long) size(), longest)}, new TensorOptions(torch.ScalarType.Byte));
            BytePointer bytes = new BytePointer(all.data_ptr());
            bytes.position((long) rank() * longest).put(mine, 0, mine.length);
            sum(backends.cpu(), all);
            List<byte[]> found = new ArrayList<>();
            for (int r = 0; r < size(); r++) {
                byte[] part = new byte[lengths[r]];
                new BytePointer(all.data_ptr()).position((long) r * longest).get(part, 0, part.length);
                found.add(part);
            }
            return found;
        }
    }

    @Override
    public byte[] broadcast(byte[] mine) {
        int length = (int) allGather(new double[] {mine.length}).get(0)[0];
        if (length == 0) {
            return new byte[0];
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor tensor = torch.zeros(new long[] {length}, new TensorOptions(torch.ScalarType.Byte));
            if (rank() == 0) {
                new BytePointer(tensor.data_ptr()).put(mine, 0, length);
            }
            broadcast(tensor);
            byte[] found = new byte[length];
            new BytePointer(tensor.data_ptr()).get(found, 0, length);
            return found;
        }
    }

    @Override
    public void broadcast(Collection<Tensor> tensors) {
        try (NoGradGuard guard = new NoGradGuard()) {
            for (Tensor tensor : tensors) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor plain = tensor.detach()
                            .to(new Device("cpu"), tensor.scalar_type())
                            .contiguous();
                    broadcast(plain);
                    if (rank() != 0) {
                        tensor.copy_(plain);
                    }
                }
            }
        }
    }

    /** Outside training, where no gradients are kept, each process is on its own. */
    @Override
    public Tensor allReduceSum(Tensor local) {
        if (!GradMode.is_enabled()) {
            return local;
        }
        Tensor all = local.detach().clone();
        sum(backends.gradients(), all);
        // The value of all, and the gradient of all seen from here: times the number of processes, whose mean is taken
        // later.
        Tensor scaled = local.mul(new Scalar((double) size()));
        return scaled.sub(scaled.detach()).add(all);
    }

    @Override
    public GradientReducer reducer(Collection<Tensor> weights, long bucketBytes) {
        return new GradientBuckets(this, List.copyOf(weights), bucketBytes);
    }

    /**
     * A collective that has begun. It holds a reference to the memory that it reads and writes, whatever becomes of the tensor
     * that the caller has, until {@link #await} has seen its end; one that never ends is kept for good.
     */
    static final class Operation {
        private final Work work;
        private final TensorVector tensors;

        private Operation(Work work, TensorVector tensors) {
            this.work = Tensors.keep(work);
            this.tensors = Tensors.keep(tensors);
        }

        private void release() {
            Tensors.release(work);
            Tensors.release(tensors);
        }
    }

    /** Begins to sum a tensor of gradients in place over all processes; the caller awaits it. */
    Operation sumLater(Tensor tensor) {
        return begun(tensor, backends.gradients()::allreduce);
    }

    private void sum(Backend backend, Tensor tensor) {
        await(begun(tensor, backend::allreduce));
    }

    private void broadcast(Tensor tensor) {
        await(begun(tensor, backends.cpu()::broadcast));
    }

    private Operation begun(Tensor tensor, Function<TensorVector, Work> collective) {
        heartbeat.check();
        try (PointerScope scope = new PointerScope()) {
            TensorVector tensors = new TensorVector(tensor);
            Operation operation = new Operation(collective.apply(tensors), tensors);
            outstanding.add(operation);
            return operation;
        } catch (RuntimeException e) {
            throw heartbeat.lost(e);
        }
    }

    /**
     * Waits for an operation and releases it.
     *
     * @throws LostRankException if another process is lost on the way
     */
    void await(Operation operation) {
        Work work = operation.work;
        for (int turn = 0; !work.isCompleted(); turn++) {
            heartbeat.check();
            if (turn < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        try {
            work._wait();
        } catch (RuntimeException e) {
            throw heartbeat.lost(e);
        } finally {
            outstanding.remove(operation);
            operation.release();
        }
    }

    @Override
    public void tellFailure(String line) {
        failed = true;
        heartbeat.tell(line);
    }

    @Override
    public void close() {
        boolean isSound = !failed && !heartbeat.knows() && outstanding.isEmpty();
        if (isSound) {
            heartbeat.leave(rank() == 0);
        } else if (rank() == 0) {
            heartbeat.linger();
        }
        heartbeat.close();
        if (isSound) {
            backends.close();
        } else {
            // An operation may still wait for the lost rank, and freeing the group would wait for the operation.
            Abandoned.keep(this);
        }
        store.close();
    }
}
