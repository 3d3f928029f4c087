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
 * A process group of several processes after their rendezvous. The order of summation depends on the ranks only, so that sums
 * are bit-identical on all ranks and reproducible.
 */
final class DistributedGroup implements ProcessGroup {
    private static final int SPIN_ITERATIONS = 50;
    private static final long POLL_NANOS = 50_000;

    private final DistributedEnvironment environment;
    private final KeyValueStore store;
    private final Backends backends;
    private final Heartbeat heartbeat;
    private final int localSize;
    private final int localRank;
    private final Set<Operation> outstanding = new HashSet<>();
    private boolean failed;

    /** Takes ownership of its arguments. */
    DistributedGroup(
            DistributedEnvironment environment,
            KeyValueStore store,
            Backends backends,
            Heartbeat heartbeat,
            int localSize,
            int localRank) {
        this.environment = environment;
        this.store = store;
        this.backends = backends;
        this.heartbeat = heartbeat;
        this.localSize = localSize;
        this.localRank = localRank;
    }

    @Override
    public int rank() {
        return environment.rank();
    }

    @Override
    public int size() {
        return environment.size();
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
    public List<double[]> allGather(double[] local) {
        // An all-gather as the sum of zero-padded rows: exact, and needs no second kind of collective.
        double[] rows = new double[Math.multiplyExact(size(), local.length)];
        System.arraycopy(local, 0, rows, rank() * local.length, local.length);
        double[] gathered = allReduceSum(rows);
        return IntStream.range(0, size())
                .mapToObj(r -> Arrays.copyOfRange(gathered, r * local.length, (r + 1) * local.length))
                .toList();
    }

    private double[] allReduceSum(double[] local) {
        if (local.length == 0) {
            return local;
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor all = torch.zeros(new long[] {local.length}, new TensorOptions(torch.ScalarType.Double));
            DoublePointer numbers = new DoublePointer(all.data_ptr());
            numbers.put(local, 0, local.length);
            allReduce(all);
            double[] sums = new double[local.length];
            numbers.get(sums);
            return sums;
        }
    }

    /** Logical or over all ranks, element by element; arrays have the same length on every rank. */
    boolean[] anyRank(boolean[] local) {
        double[] flags = new double[local.length];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = local[i] ? 1 : 0;
        }
        double[] counts = allReduceSum(flags);
        boolean[] onAnyRank = new boolean[local.length];
        for (int i = 0; i < counts.length; i++) {
            onAnyRank[i] = counts[i] > 0;
        }
        return onAnyRank;
    }

    @Override
    public List<byte[]> allGather(byte[] local) {
        int[] lengths = allGather(new double[] {local.length}).stream()
                .mapToInt(row -> (int) row[0])
                .toArray();
        int longest = Arrays.stream(lengths).max().orElse(0);
        if (longest == 0) {
            return Collections.nCopies(size(), local);
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor all = torch.zeros(
                    new long[] {Math.multiplyExact((long) size(), longest)}, new TensorOptions(torch.ScalarType.Byte));
            BytePointer bytes = new BytePointer(all.data_ptr());
            bytes.position((long) rank() * longest).put(local, 0, local.length);
            allReduce(all);
            List<byte[]> gathered = new ArrayList<>();
            for (int r = 0; r < size(); r++) {
                byte[] part = new byte[lengths[r]];
                new BytePointer(all.data_ptr()).position((long) r * longest).get(part, 0, part.length);
                gathered.add(part);
            }
            return gathered;
        }
    }

    @Override
    public byte[] broadcast(byte[] local) {
        int length = (int) allGather(new double[] {local.length}).get(0)[0];
        if (length == 0) {
            return new byte[0];
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor tensor = torch.zeros(new long[] {length}, new TensorOptions(torch.ScalarType.Byte));
            if (rank() == 0) {
                new BytePointer(tensor.data_ptr()).put(local, 0, length);
            }
            broadcast(tensor);
            byte[] content = new byte[length];
            new BytePointer(tensor.data_ptr()).get(content, 0, length);
            return content;
        }
    }

    @Override
    public void broadcast(Collection<Tensor> tensors) {
        try (NoGradGuard guard = new NoGradGuard()) {
            for (Tensor tensor : tensors) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor contiguous = tensor.detach()
                            .to(new Device("cpu"), tensor.scalar_type())
                            .contiguous();
                    broadcast(contiguous);
                    if (rank() != 0) {
                        tensor.copy_(contiguous);
                    }
                }
            }
        }
    }

    /** Returns the local sum where gradients are disabled: validation runs on each rank independently. */
    @Override
    public Tensor allReduceSum(Tensor local) {
        if (!GradMode.is_enabled()) {
            return local;
        }
        Tensor all = local.detach().clone().cpu();
        allReduce(all);
        // The value is the global sum. The gradient is that of the local sum times the world size, because the reducer
        // takes
        // the mean over the ranks later.
        Tensor scaled = local.mul(new Scalar((double) size()));
        return scaled.sub(scaled.detach()).add(all.to(local.device(), all.scalar_type()));
    }

    @Override
    public GradientReducer reducer(Collection<Tensor> weights, long bucketBytes) {
        return new GradientBuckets(this, List.copyOf(weights), bucketBytes);
    }

    /**
     * A collective in progress. It references the memory that it reads and writes, independently of the caller's tensor, until
     * {@link #await} has seen its end; one that never ends is never released.
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

    /** Starts an asynchronous in-place all-reduce sum of gradients; the caller awaits it. */
    Operation startAllReduce(Tensor tensor) {
        return start(tensor, backends.gradients()::allreduce);
    }

    private void allReduce(Tensor tensor) {
        await(start(tensor, backends.cpu()::allreduce));
    }

    private void broadcast(Tensor tensor) {
        await(start(tensor, backends.cpu()::broadcast));
    }

    private Operation start(Tensor tensor, Function<TensorVector, Work> collective) {
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
     * Waits for a collective and releases it.
     *
     * @throws LostRankException if another rank is lost meanwhile
     */
    void await(Operation operation) {
        Work work = operation.work;
        for (int iteration = 0; !work.isCompleted(); iteration++) {
            heartbeat.check();
            if (iteration < SPIN_ITERATIONS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(POLL_NANOS);
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
    public void reportFailure(String line) {
        failed = true;
        heartbeat.reportFailure(line);
    }

    @Override
    public void close() {
        boolean isIntact = !failed && !heartbeat.hasLostRank() && outstanding.isEmpty();
        if (isIntact) {
            heartbeat.awaitEnd(rank() == 0);
        } else if (rank() == 0) {
            heartbeat.awaitReaders();
        }
        heartbeat.close();
        if (isIntact) {
            backends.close();
        } else {
            // A collective may still wait for the lost rank, and freeing the process group would wait for the
            // collective.
            Abandoned.keep(this);
        }
        store.close();
    }
}
