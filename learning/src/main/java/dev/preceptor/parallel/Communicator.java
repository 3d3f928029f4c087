package dev.preceptor.parallel;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.MismatchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Collective operations among the processes (ranks) of a training; with a single process no data is exchanged. Every collective
 * returns bit-identical values on all ranks unless it says otherwise, so that all ranks decide alike. Every rank must call the
 * same collectives in the same order. Not thread-safe.
 */
public final class Communicator implements GlobalBatchSum, AutoCloseable {
    /** The default of PyTorch: large enough that bandwidth dominates latency. */
    private static final long BUCKET_BYTES = 25L << 20;

    private final ProcessGroup processGroup;

    private Communicator(ProcessGroup processGroup) {
        this.processGroup = processGroup;
    }

    /** A communicator of one process. */
    public static Communicator singleProcess() {
        return new Communicator(new SingleProcessGroup());
    }

    /**
     * Rendezvous: connects to the other ranks, and waits until all have joined.
     *
     * @param folder of the run; rank 0 passes the secret of the run through it if the environment has none
     * @param cuda whether gradients are on GPUs: NCCL then reduces them, and Gloo does everything else
     * @throws dev.preceptor.base.PreceptorException if not all ranks join within {@link DistributedEnvironment#joinTimeout()}
     */
    public static Communicator join(DistributedEnvironment environment, Path folder, boolean cuda) {
        return environment.size() == 1 ? singleProcess() : new Communicator(Rendezvous.of(environment, folder, cuda));
    }

    /** The world size: the number of processes. */
    public int size() {
        return processGroup.size();
    }

    /** Whether this process is rank 0, which writes the files of the run. */
    public boolean isLeader() {
        return processGroup.rank() == 0;
    }

    /** Runs an action on rank 0 only. */
    public void onLeader(Runnable action) {
        if (isLeader()) {
            action.run();
        }
    }

    /** The shard of each batch that this process computes. */
    public Shard shard() {
        return new Shard(processGroup.rank(), processGroup.size());
    }

    /**
     * The number of threads that this process uses.
     *
     * @param requested 0 for an equal share of the cores of this machine among its processes
     */
    public int threads(int requested) {
        return requested > 0 ? requested : cores();
    }

    /** The cores of this process, at least 1: an equal share of those of this machine among its processes. */
    public int cores() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / processGroup.localSize());
    }

    /** The device of this process: among several processes, {@code cuda} means the GPU whose index is the local rank. */
    public String device(String requested) {
        return requested.equals("cuda") && processGroup.size() > 1 ? "cuda:" + processGroup.localRank() : requested;
    }

    /**
     * Checks that all ranks were started alike.
     *
     * @param traits the values that must be equal on all ranks, by a name for messages
     * @throws MismatchException on every rank, naming the first rank and trait that differ from rank 0
     */
    public void requireSame(Map<String, String> traits) {
        List<Map<String, String>> all = processGroup.allGather(Codec.bytes(traits)).stream()
                .map(Codec::texts)
                .toList();
        Map<String, String> first = all.get(0);
        for (int rank = 1; rank < all.size(); rank++) {
            Map<String, String> other = all.get(rank);
            for (String trait : first.keySet()) {
                if (!first.get(trait).equals(other.get(trait))) {
                    throw new MismatchException("rank " + rank + " cannot train with rank 0: its " + trait + " is "
                            + ErrorLine.printable(other.get(trait)) + ", but that of rank 0 is "
                            + ErrorLine.printable(first.get(trait))
                            + "; start every rank with the same command on the same data");
                }
            }
        }
    }

    /** Logical or over all ranks. */
    public boolean anyRank(boolean local) {
        return processGroup.allGather(new double[] {local ? 1 : 0}).stream().anyMatch(row -> row[0] != 0);
    }

    /** All-reduce of named numbers by their mean; every rank passes the same names, in any order. */
    public Map<String, Double> allReduceMean(Map<String, Double> local) {
        if (processGroup.size() == 1) {
            return local;
        }
        List<String> names = local.keySet().stream().sorted().toList();
        double[] means = means(
                processGroup.allGather(names.stream().mapToDouble(local::get).toArray()));
        Map<String, Double> reduced = new LinkedHashMap<>(local);
        for (int i = 0; i < means.length; i++) {
            reduced.put(names.get(i), means[i]);
        }
        return reduced;
    }

    /**
     * Maps the items 0 to {@code count - 1}, each on one rank, and all-gathers the results.
     *
     * @param stop queried before each item; if it is true on any rank, the result is empty
     * @param each maps one item by its index
     * @return the results in the order of the items
     */
    public Optional<List<Map<String, Double>>> mapSharded(
            int count, BooleanSupplier stop, IntFunction<Map<String, Double>> each) {
        Map<String, Map<String, Double>> local = new LinkedHashMap<>();
        for (int i = processGroup.rank(); i < count && !stop.getAsBoolean(); i += processGroup.size()) {
            local.put(Integer.toString(i), each.apply(i));
        }
        Map<Integer, Map<String, Double>> all = new TreeMap<>();
        for (byte[] shard : processGroup.allGather(Codec.tables(local))) {
            Codec.tables(shard).forEach((index, table) -> all.put(Integer.valueOf(index), table));
        }
        return all.size() == count ? Optional.of(List.copyOf(all.values())) : Optional.empty();
    }

    /** All-reduce of named lists by their element-wise mean; names and lengths are the same on every rank. */
    public Map<String, List<Double>> allReduceMeanLists(Map<String, List<Double>> local) {
        Map<String, List<Double>> sorted = sorted(local);
        return processGroup.size() == 1 ? local : reshape(means(processGroup.allGather(Codec.flat(sorted))), sorted);
    }

    /** All-gather: the lists of each name, concatenated in rank order. */
    public Map<String, List<Double>> allGather(Map<String, List<Double>> local) {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        local.keySet().forEach(name -> all.put(name, new ArrayList<>()));
        Map<String, List<Double>> sorted = sorted(local);
        for (double[] row : processGroup.allGather(Codec.flat(sorted))) {
            reshape(row, sorted).forEach((name, list) -> all.get(name).addAll(list));
        }
        return all;
    }

    /** In an order that all ranks share: that of a {@code Map.of} differs between processes. */
    private static Map<String, List<Double>> sorted(Map<String, List<Double>> lists) {
        return new TreeMap<>(lists);
    }

    /**
     * Inverts {@link #allGather}: the lists of this rank. Lists gathered from another world size give the mean over their shards,
     * the same on every rank.
     *
     * @param all gathered lists
     * @param shape lists of the length of one shard, by the same names
     */
    public Map<String, List<Double>> ownShard(Map<String, List<Double>> all, Map<String, List<Double>> shape) {
        Map<String, List<Double>> own = new LinkedHashMap<>();
        all.forEach((name, list) -> {
            int length = shape.get(name).size();
            int shards = length == 0 ? processGroup.size() : list.size() / length;
            own.put(
                    name,
                    shards == processGroup.size()
                            ? list.subList(processGroup.rank() * length, (processGroup.rank() + 1) * length)
                            : IntStream.range(0, length)
                                    .mapToObj(i -> IntStream.range(0, shards)
                                                    .mapToDouble(shard -> list.get(shard * length + i))
                                                    .sum()
                                            / shards)
                                    .toList());
        });
        return own;
    }

    /**
     * Broadcasts bytes from rank 0.
     *
     * @param content called on rank 0 only
     */
    public byte[] broadcast(Supplier<byte[]> content) {
        return processGroup.broadcast(isLeader() ? content.get() : new byte[0]);
    }

    /** Broadcasts tensors from rank 0, in place; the shapes are the same on every rank. */
    public void broadcast(Collection<Tensor> tensors) {
        processGroup.broadcast(tensors);
    }

    /** The sum over the global batch, of which each rank holds a shard. */
    public GlobalBatchSum sums() {
        return size() == 1 ? GlobalBatchSum.LOCAL : this;
    }

    @Override
    public int rank() {
        return processGroup.rank();
    }

    @Override
    public Tensor allReduceSum(Tensor local) {
        return processGroup.allReduceSum(local);
    }

    /** A reducer for the gradients of these weights; the caller closes it. */
    public GradientReducer reducer(Collection<Tensor> weights) {
        return reducer(weights, BUCKET_BYTES);
    }

    GradientReducer reducer(Collection<Tensor> weights, long bucketBytes) {
        return processGroup.reducer(weights, bucketBytes);
    }

    /**
     * Runs the work of this rank, followed by a barrier. A failure of this rank is reported to the others before it is
     * rethrown.
     *
     * @throws LostRankException if another rank fails or is lost
     */
    public <T> T together(Supplier<T> work) {
        try {
            T result = work.get();
            anyRank(false);
            return result;
        } catch (LostRankException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            processGroup.reportFailure(ErrorLine.of(e));
            throw e;
        }
    }

    private static double[] means(List<double[]> rows) {
        double[] means = new double[rows.get(0).length];
        for (int i = 0; i < means.length; i++) {
            int column = i;
            double first = rows.get(0)[i];
            // Equal values are returned without the rounding of a sum and a division.
            means[i] = rows.stream().allMatch(row -> row[column] == first)
                    ? first
                    : rows.stream().mapToDouble(row -> row[column]).sum() / rows.size();
        }
        return means;
    }

    private static Map<String, List<Double>> reshape(double[] flat, Map<String, List<Double>> shape) {
        Map<String, List<Double>> lists = new LinkedHashMap<>();
        int index = 0;
        for (Map.Entry<String, List<Double>> entry : shape.entrySet()) {
            List<Double> list = new ArrayList<>();
            for (int i = 0; i < entry.getValue().size(); i++) {
                list.add(flat[index++]);
            }
            lists.put(entry.getKey(), list);
        }
        return lists;
    }

    @Override
    public void close() {
        processGroup.close();
    }
}
