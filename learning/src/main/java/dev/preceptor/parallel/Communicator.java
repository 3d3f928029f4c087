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
 * The processes of a training, seen from one of them; one process alone is the plain case, in which nothing is exchanged.
 * Whatever returns a value here returns the same on every process, to the bit, so that all take the same decisions. What all
 * must do together must be asked for by all, in the same order. For one thread.
 */
public final class Communicator implements GlobalBatchSum, AutoCloseable {
    /** As in PyTorch: large enough that the bandwidth counts and not the latency. */
    private static final long BUCKET_BYTES = 25L << 20;

    private final ProcessGroup processGroup;

    private Communicator(ProcessGroup processGroup) {
        this.processGroup = processGroup;
    }

    /** One process that needs nobody. */
    public static Communicator singleProcess() {
        return new Communicator(new SingleProcessGroup());
    }

    /**
     * Finds the other processes of a launch, and waits for them.
     *
     * @param folder of the run, by which rank 0 passes the secret of the run to the others if the launch has none
     * @param cuda whether gradients live on GPUs: then NCCL carries them, and Gloo everything else
     * @throws dev.preceptor.base.PreceptorException if they do not all come within the patience of the launch
     */
    public static Communicator join(DistributedEnvironment distributedEnvironment, Path folder, boolean cuda) {
        return distributedEnvironment.size() == 1
                ? singleProcess()
                : new Communicator(Rendezvous.of(distributedEnvironment, folder, cuda));
    }

    /** How many processes there are. */
    public int size() {
        return processGroup.size();
    }

    /** Whether this one writes the files of the run. */
    public boolean isLeader() {
        return processGroup.rank() == 0;
    }

    /** Does what only one process may do. */
    public void onLeader(Runnable work) {
        if (isLeader()) {
            work.run();
        }
    }

    /** The part of a batch that this one takes. */
    public Shard shard() {
        return new Shard(processGroup.rank(), processGroup.size());
    }

    /** How many threads this one may use: as many as wanted, or for 0 its part of the cores of the machine. */
    public int threads(int wanted) {
        return wanted > 0 ? wanted : Math.max(1, Runtime.getRuntime().availableProcessors() / processGroup.localSize());
    }

    /** The device of this one: where several processes want {@code cuda}, each takes the GPU of its own number. */
    public String device(String wanted) {
        return wanted.equals("cuda") && processGroup.size() > 1 ? "cuda:" + processGroup.localRank() : wanted;
    }

    /**
     * Checks that all do the same thing.
     *
     * @param traits what must be equal, by the words for it
     * @throws MismatchException on every process, naming the first that differs from rank 0, and in what
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
                            + ErrorLine.printable(other.get(trait)) + ", that of rank 0 is "
                            + ErrorLine.printable(first.get(trait))
                            + "; start every rank with the same command on the same data");
                }
            }
        }
    }

    /** Whether any process says yes. */
    public boolean anyRank(boolean mine) {
        return processGroup.allGather(new double[] {mine ? 1 : 0}).stream().anyMatch(row -> row[0] != 0);
    }

    /** The means over the processes of numbers that each has under the same names. */
    public Map<String, Double> allReduceMean(Map<String, Double> mine) {
        if (processGroup.size() == 1) {
            return mine;
        }
        double[] means = means(processGroup.allGather(
                mine.values().stream().mapToDouble(Double::doubleValue).toArray()));
        Map<String, Double> averaged = new LinkedHashMap<>();
        for (String name : mine.keySet()) {
            averaged.put(name, means[averaged.size()]);
        }
        return averaged;
    }

    /**
     * Measures many things, each on one of the processes.
     *
     * @param count how many
     * @param stop asked before each; if it says yes on any process, there is no result
     * @param each measures one of them, by number
     * @return what was measured, in the order of the numbers
     */
    public Optional<List<Map<String, Double>>> mapSharded(
            int count, BooleanSupplier stop, IntFunction<Map<String, Double>> each) {
        Map<String, Map<String, Double>> mine = new LinkedHashMap<>();
        for (int i = processGroup.rank(); i < count && !stop.getAsBoolean(); i += processGroup.size()) {
            mine.put(Integer.toString(i), each.apply(i));
        }
        Map<Integer, Map<String, Double>> all = new TreeMap<>();
        for (byte[] part : processGroup.allGather(Codec.tables(mine))) {
            Codec.tables(part).forEach((number, table) -> all.put(Integer.valueOf(number), table));
        }
        return all.size() == count ? Optional.of(List.copyOf(all.values())) : Optional.empty();
    }

    /** The means over the processes of lists that each has under the same names, in the same lengths. */
    public Map<String, List<Double>> allReduceMeanLists(Map<String, List<Double>> mine) {
        return processGroup.size() == 1 ? mine : shaped(means(processGroup.allGather(Codec.flat(mine))), mine);
    }

    /** The lists of all processes under one name each, one behind the other by rank. */
    public Map<String, List<Double>> allGather(Map<String, List<Double>> mine) {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        for (double[] row : processGroup.allGather(Codec.flat(mine))) {
            shaped(row, mine)
                    .forEach((name, list) ->
                            all.computeIfAbsent(name, n -> new ArrayList<>()).addAll(list));
        }
        return all;
    }

    /**
     * This process's part of what {@link #allGather} gave; if as many processes are not here any more, the mean of all parts.
     *
     * @param shape lists of the lengths that each process had
     */
    public Map<String, List<Double>> ownPart(Map<String, List<Double>> all, Map<String, List<Double>> shape) {
        Map<String, List<Double>> own = new LinkedHashMap<>();
        all.forEach((name, list) -> {
            int length = shape.get(name).size();
            int parts = length == 0 ? processGroup.size() : list.size() / length;
            own.put(
                    name,
                    parts == processGroup.size()
                            ? list.subList(processGroup.rank() * length, (processGroup.rank() + 1) * length)
                            : IntStream.range(0, length)
                                    .mapToObj(i -> IntStream.range(0, parts)
                                                    .mapToDouble(p -> list.get(p * length + i))
                                                    .sum()
                                            / parts)
                                    .toList());
        });
        return own;
    }

    /** What rank 0 makes, told to all. */
    public byte[] broadcast(Supplier<byte[]> made) {
        return processGroup.broadcast(isLeader() ? made.get() : new byte[0]);
    }

    /** Overwrites tensors with those of rank 0. */
    public void broadcast(Collection<Tensor> tensors) {
        processGroup.broadcast(tensors);
    }

    /** Sums over the whole batch, of which each process has a share. */
    public GlobalBatchSum sums() {
        return size() == 1 ? GlobalBatchSum.LOCAL : this;
    }

    @Override
    public Tensor allReduceSum(Tensor local) {
        return processGroup.allReduceSum(local);
    }

    /** An exchange of the gradients of weights, which the caller closes. */
    public GradientReducer reducer(Collection<Tensor> weights) {
        return reducer(weights, BUCKET_BYTES);
    }

    GradientReducer reducer(Collection<Tensor> weights, long bucketBytes) {
        return processGroup.reducer(weights, bucketBytes);
    }

    /**
     * Does the work of the processes and waits until all have done theirs; a failure of this one is told to the others before
     * it is thrown.
     */
    public <T> T together(Supplier<T> work) {
        try {
            T result = work.get();
            anyRank(false);
            return result;
        } catch (LostRankException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            processGroup.tellFailure(ErrorLine.of(e));
            throw e;
        }
    }

    private static double[] means(List<double[]> rows) {
        double[] means = new double[rows.get(0).length];
        for (int i = 0; i < means.length; i++) {
            int column = i;
            double first = rows.get(0)[i];
            // What is the same everywhere stays as it is, without a rounding.
            means[i] = rows.stream().allMatch(row -> row[column] == first)
                    ? first
                    : rows.stream().mapToDouble(row -> row[column]).sum() / rows.size();
        }
        return means;
    }

    private static Map<String, List<Double>> shaped(double[] flat, Map<String, List<Double>> shape) {
        Map<String, List<Double>> lists = new LinkedHashMap<>();
        int at = 0;
        for (Map.Entry<String, List<Double>> entry : shape.entrySet()) {
            List<Double> list = new ArrayList<>();
            for (int i = 0; i < entry.getValue().size(); i++) {
                list.add(flat[at++]);
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
