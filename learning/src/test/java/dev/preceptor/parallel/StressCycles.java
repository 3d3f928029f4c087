package dev.preceptor.parallel;

import dev.preceptor.base.MismatchException;
import dev.preceptor.tensor.Tensors;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Cycles of rendezvous, collectives and close, in a separate process; the ranks are threads. In every tenth cycle one rank fails
 * while the others wait in a collective. Prints the number of cycles at the end.
 */
final class StressCycles {
    private static final RunSecret SECRET = RunSecret.of("a secret of these tests");
    private static final int LOSS_EVERY = 10;
    private static final int COLLECT_EVERY = 4;

    private StressCycles() {}

    /** @param arguments number of cycles, seed */
    public static void main(String[] arguments) throws Exception {
        int cycles = Integer.parseInt(arguments[0]);
        Random random = new Random(Long.parseLong(arguments[1]));
        ExecutorService threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "rank");
            thread.setDaemon(true);
            return thread;
        });
        for (int cycle = 1; cycle <= cycles; cycle++) {
            run(threads, 2 + random.nextInt(2), random.nextLong(), cycle % LOSS_EVERY == 0);
            if (cycle % COLLECT_EVERY == 0) {
                // JavaCPP frees native objects that the garbage collector finds unreachable.
                System.gc();
            }
        }
        System.out.println("completed " + cycles + " cycles");
    }

    private static void run(ExecutorService threads, int size, long seed, boolean losesRank) throws Exception {
        int port = freePort();
        List<Future<?>> ranks = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            DistributedEnvironment environment = new DistributedEnvironment(
                    rank,
                    size,
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    "127.0.0.1",
                    port,
                    Duration.ofSeconds(60),
                    Optional.of(SECRET),
                    Optional.empty());
            ranks.add(threads.submit(() -> {
                try (Communicator joined = Communicator.join(environment, Path.of("unused"), false)) {
                    work(joined, new Random(seed), losesRank);
                }
            }));
        }
        for (Future<?> rank : ranks) {
            rank.get(120, TimeUnit.SECONDS);
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void work(Communicator communicator, Random random, boolean losesRank) {
        int last = communicator.size() - 1;
        for (int round = 0; round < 3; round++) {
            require(communicator.anyRank(communicator.shard().rank() == last));
            byte[] text = new byte[1 + random.nextInt(1 << 16)];
            random.nextBytes(text);
            require(communicator.broadcast(() -> text).length == text.length);
            require(communicator
                            .allReduceMean(
                                    Map.of("rank", (double) communicator.shard().rank()))
                            .get("rank")
                    == last / 2.0);
            sumGradients(communicator, random);
        }
        if (losesRank) {
            lose(communicator, communicator.shard().rank() == last);
        }
    }

    private static void sumGradients(Communicator communicator, Random random) {
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> weights = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int length = 1 + random.nextInt(50_000);
                weights.add(Tensors.of(new float[length], length).requires_grad_(true));
            }
            try (GradientReducer reducer = communicator.reducer(weights, 100_000)) {
                reducer.during(accumulated -> {
                    for (Tensor weight : weights) {
                        weight.sum()
                                .mul(new Scalar(1.0 + communicator.shard().rank()))
                                .backward();
                        accumulated.run();
                    }
                });
            }
            float mean = (communicator.size() + 1) / 2f;
            for (Tensor weight : weights) {
                for (float value : Tensors.toFloats(weight.grad())) {
                    require(value == mean);
                }
            }
        }
    }

    /** One rank fails, and the others detect it while a collective waits for it. */
    private static void lose(Communicator communicator, boolean fails) {
        try {
            communicator.together(() -> {
                if (fails) {
                    throw new MismatchException("this rank fails");
                }
                return communicator.anyRank(true);
            });
            throw new IllegalStateException("the failure was not detected");
        } catch (MismatchException | LostRankException e) {
            require(fails == e instanceof MismatchException);
        }
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("a collective returned a wrong value");
        }
    }
}
