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
public final class Ranks implements BatchSums, AutoCloseable {
    /** As in PyTorch: large enough that the bandwidth counts and not the latency. */
    private static final long BUCKET_BYTES = 25L << 20;

    private final Group group;

    private Ranks(Group group) {
        this.group = group;
    }

    /** One process that needs nobody. */
    public static Ranks alone() {
        return new Ranks(new Alone());
    }

    /**
     * Finds the other processes of a launch, and waits for them.
     *
     * @param folder of the run, by which rank 0 passes the secret of the run to the others if the launch has none
     * @param cuda whether gradients live on GPUs: then NCCL carries them, and Gloo everything else
     * @throws dev.preceptor.base.PreceptorException if they do not all come within the patience of the launch
     */
    public static Ranks join(Launch launch, Path folder, boolean cuda) {
        return launch.size() == 1 ? alone() : new Ranks(Meeting.of(launch, folder, cuda));
    }

    /** How many processes there are. */
    public int size() {
        return group.size();
    }

    /** Whether this one writes the files of the run. */
    public boolean leads() {
        return group.rank() == 0;
    }

    /** Does what only one process may do. */
    public void lead(Runnable work) {
        if (leads()) {
            work.run();
        }
    }

    /** The part of a batch that this one takes. */
    public Share share() {
        return new Share(group.rank(), group.size());
    }

    /** How many threads this one may use: as many as wanted, or for 0 its part of the cores of the machine. */
    public int threads(int wanted) {
        return wanted > 0 ? wanted : Math.max(1, Runtime.getRuntime().availableProcessors() / group.localSize());
    }

    /** The device of this one: where several processes want {@code cuda}, each takes the GPU of its own number. */
    public String device(String wanted) {
        return wanted.equals("cuda") && group.size() > 1 ? "cuda:" + group.localRank() : wanted;
    }

    /**
     * Checks that all do the same thing.
     *
     * @param traits what must be equal, by the words for it
     * @throws MismatchException on every process, naming the first that differs from rank 0, and in what
     */
    public void requireSame(Map<String, String> traits) {
        List<Map<String, String>> all =
                group.gather(Wire.bytes(traits)).stream().map(Wire::texts).toList();
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
    public boolean any(boolean mine) {
        return group.gather(new double[] {mine ? 1 : 0}).stream().anyMatch(row -> row[0] != 0);
    }

    /** The means over the processes of numbers that each has under the same names. */
    public Map<String, Double> averaged(Map<String, Double> mine) {
        if (group.size() == 1) {
            return mine;
        }
        double[] means = means(group.gather(
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
    public Optional<List<Map<String, Double>>> spread(
            int count, BooleanSupplier stop, IntFunction<Map<String, Double>> each) {
        Map<String, Map<String, Double>> mine = new LinkedHashMap<>();
        for (int i = group.rank(); i < count && !stop.getAsBoolean(); i += group.size()) {
            mine.put(Integer.toString(i), each.apply(i));
        }
        Map<Integer, Map<String, Double>> all = new TreeMap<>();
        for (byte[] part : group.gather(Wire.tables(mine))) {
            Wire.tables(part).forEach((number, table) -> all.put(Integer.valueOf(number), table));
        }
        return all.size() == count ? Optional.of(List.copyOf(all.values())) : Optional.empty();
    }

    /** The means over the processes of lists that each has under the same names, in the same lengths. */
    public Map<String, List<Double>> averagedLists(Map<String, List<Double>> mine) {
        return group.size() == 1 ? mine : shaped(means(group.gather(Wire.flat(mine))), mine);
    }

    /** The lists of all processes under one name each, one behind the other by rank. */
    public Map<String, List<Double>> gathered(Map<String, List<Double>> mine) {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        for (double[] row : group.gather(Wire.flat(mine))) {
            shaped(row, mine)
                    .forEach((name, list) ->
                            all.computeIfAbsent(name, n -> new ArrayList<>()).addAll(list));
        }
        return all;
    }

    /**
     * This process's part of what {@link #gathered} gave; if as many processes are not here any more, the mean of all parts.
     *
     * @param shape lists of the lengths that each process had
     */
    public Map<String, List<Double>> ownPart(Map<String, List<Double>> all, Map<String, List<Double>> shape) {
        Map<String, List<Double>> own = new LinkedHashMap<>();
        all.forEach((name, list) -> {
            int length = shape.get(name).size();
            int parts = length == 0 ? group.size() : list.size() / length;
            own.put(
                    name,
                    parts == group.size()
                            ? list.subList(group.rank() * length, (group.rank() + 1) * length)
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
    public byte[] fromFirst(Supplier<byte[]> made) {
        return group.fromFirst(leads() ? made.get() : new byte[0]);
    }

    /** Overwrites tensors with those of rank 0. */
    public void copyFromFirst(Collection<Tensor> tensors) {
        group.copyFromFirst(tensors);
    }

    /** Sums over the whole batch, of which each process has a share. */
    public BatchSums sums() {
        return size() == 1 ? BatchSums.LOCAL : this;
    }

    @Override
    public Tensor whole(Tensor local) {
        return group.whole(local);
    }

    /** An exchange of the gradients of weights, which the caller closes. */
    public GradientExchange exchange(Collection<Tensor> weights) {
        return exchange(weights, BUCKET_BYTES);
    }

    GradientExchange exchange(Collection<Tensor> weights, long bucketBytes) {
        return group.exchange(weights, bucketBytes);
    }

    /**
     * Does the work of the processes and waits until all have done theirs; a failure of this one is told to the others before
     * it is thrown.
     */
    public <T> T together(Supplier<T> work) {
        try {
            T result = work.get();
            any(false);
            return result;
        } catch (LostRankException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            group.tellFailure(ErrorLine.of(e));
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
        group.close();
    }
}
