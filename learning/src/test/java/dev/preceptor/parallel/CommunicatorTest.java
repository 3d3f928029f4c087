package dev.preceptor.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Ranks on threads of one process: what they tell each other is the same as between processes. */
class CommunicatorTest {
    private static final RunSecret SECRET = RunSecret.of("a secret of these tests");

    /** What each of several ranks finds. */
    private static <T> List<T> on(int size, Function<Communicator, T> work) throws Exception {
        int port = Ports.free();
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<T>> results = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                DistributedEnvironment distributedEnvironment = new DistributedEnvironment(
                        rank,
                        size,
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        "127.0.0.1",
                        port,
                        Duration.ofSeconds(30),
                        Optional.of(SECRET),
                        Optional.empty());
                results.add(threads.submit(() -> {
                    try (Communicator communicator =
                            Communicator.join(distributedEnvironment, Path.of("unused"), false)) {
                        return work.apply(communicator);
                    }
                }));
            }
            List<T> found = new ArrayList<>();
            for (Future<T> result : results) {
                found.add(result.get(60, TimeUnit.SECONDS));
            }
            return found;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void agreeOnWhatTheyTellEachOther() throws Exception {
        List<Boolean> all = on(3, communicator -> {
            int rank = communicator.shard().rank();
            assertTrue(communicator.anyRank(rank == 2));
            assertFalse(communicator.anyRank(false));
            assertEquals(Map.of("a", 1.0, "b", 0.1), communicator.allReduceMean(Map.of("a", (double) rank, "b", 0.1)));
            Map<String, List<Double>> mine = Map.of("x", List.of(rank + 0.5, 7.0), "y", List.of());
            assertEquals(Map.of("x", List.of(1.5, 7.0), "y", List.of()), communicator.allReduceMeanLists(mine));
            Map<String, List<Double>> gathered = communicator.allGather(mine);
            assertEquals(List.of(0.5, 7.0, 1.5, 7.0, 2.5, 7.0), gathered.get("x"));
            assertEquals(mine, communicator.ownPart(gathered, mine));
            assertArrayEquals(new byte[] {5, -6}, communicator.broadcast(() -> new byte[] {5, -6}));
            assertEquals(rank, communicator.shard().begin(3));
            return communicator.isLeader();
        });
        assertEquals(List.of(true, false, false), all);
    }

    @Test
    void shareWhatIsToBeMeasuredAndFindItInItsOrder() throws Exception {
        Function<Communicator, Optional<List<Map<String, Double>>>> measure =
                communicator -> communicator.mapSharded(5, () -> false, i -> Map.of("value", i / 3.0));
        Optional<List<Map<String, Double>>> alone = measure.apply(Communicator.singleProcess());
        assertEquals(List.of(alone, alone), on(2, measure));
        assertEquals(
                List.of(Optional.empty(), Optional.empty()),
                on(
                        2,
                        communicator ->
                                communicator.mapSharded(5, () -> communicator.isLeader(), i -> Map.of("value", 1.0))));
    }

    @Test
    void takeTheMeanOfWhatMoreProcessesRemembered() {
        Map<String, List<Double>> of2 = Map.of("x", List.of(1.0, 2.0, 3.0, 6.0));
        assertEquals(
                Map.of("x", List.of(2.0, 4.0)),
                Communicator.singleProcess().ownPart(of2, Map.of("x", List.of(0.0, 0.0))));
    }

    @Test
    void refuseOneThatDoesSomethingElse() throws Exception {
        List<String> found = on(
                2,
                communicator -> assertThrows(
                                MismatchException.class,
                                () -> communicator.requireSame(Map.of("recipe", communicator.isLeader() ? "a" : "b")))
                        .getMessage());
        assertEquals(found.get(0), found.get(1));
        assertEquals(
                "rank 1 cannot train with rank 0: its recipe is b, that of rank 0 is a; start every rank with the same"
                        + " command on the same data",
                found.get(0));
    }

    @Test
    void hearWhyAnotherOneFailed() throws Exception {
        List<String> found = new ArrayList<>(on(2, communicator -> {
            if (communicator.isLeader()) {
                return assertThrows(LostRankException.class, () -> communicator.anyRank(false))
                        .getMessage();
            }
            assertThrows(
                    MismatchException.class,
                    () -> communicator.together(() -> {
                        throw new MismatchException("subject 7 \u001b[2J is upside down");
                    }));
            return "";
        }));
        assertTrue(found.get(0).startsWith("rank 1 of 2 failed: subject 7 \\u001b[2J is upside down; "), found.get(0));
    }

    @Test
    void sumOverTheWholeBatchWithTheGradientOfTheWhole() throws Exception {
        // d/dx of log(sum of all x^2): the mean over the ranks of what each sees is the gradient of the whole.
        List<float[]> gradients = on(2, communicator -> {
            try (PointerScope scope = new PointerScope()) {
                Tensor x = Tensors.of(new float[] {communicator.isLeader() ? 1 : 2}, 1)
                        .requires_grad_(true);
                Tensor whole = communicator.allReduceSum(x.square().sum());
                assertEquals(5, whole.item().toDouble());
                whole.log().backward();
                return Tensors.toFloats(x.grad());
            }
        });
        assertEquals(2 * 1 / 5.0 * 2, gradients.get(0)[0], 1e-6);
        assertEquals(2 * 2 / 5.0 * 2, gradients.get(1)[0], 1e-6);
    }

    /** Of three weights with three numbers each, in buckets of two weights; rank 1 has three times those of rank 0. */
    @Nested
    class Gradients {
        private static final long BYTES_OF_TWO_WEIGHTS = 24;
        private static final double NONE = Double.NaN;

        @Test
        void areMeansOverTheProcessesStepAfterStep() throws Exception {
            assertMeans(
                    List.of(List.of(2.0, 4.0, 6.0), List.of(4.0, 2.0, 2.0), List.of(2.0, 4.0, 6.0)),
                    weights -> List.of(
                            weights.step(new double[] {1, 2, 3}),
                            weights.step(new double[] {2, 1, 1}),
                            weights.step(new double[] {1, 2, 3})));
        }

        @Test
        void mayComeInSeveralPassesOrNotAtAll() throws Exception {
            assertMeans(
                    List.of(List.of(4.0, 4.0, NONE), List.of(4.0, 4.0, NONE)),
                    weights -> List.of(
                            weights.step(new double[] {1, 0, 0}, new double[] {1, 2, 0}),
                            weights.step(new double[] {1, 0, 0}, new double[] {1, 2, 0})));
        }

        @Test
        void areRightWhereAStepTakesAnotherWayThanTheOneBefore() throws Exception {
            assertMeans(
                    List.of(List.of(2.0, 2.0, 2.0), List.of(4.0, 6.0, 8.0), List.of(NONE, NONE, 2.0)),
                    weights -> List.of(
                            weights.step(new double[] {1, 1, 1}),
                            weights.step(new double[] {1, 1, 1}, new double[] {1, 2, 3}),
                            weights.step(new double[] {0, 0, 1})));
        }

        @Test
        void countWhatWasGatheredBefore() throws Exception {
            assertMeans(List.of(List.of(4.0, 2.0, NONE)), weights -> {
                weights.backward(new double[] {1, 1, 0});
                return List.of(weights.step(new double[] {1, 0, 0}));
            });
        }

        private void assertMeans(List<List<Double>> expected, Function<Weights, List<List<Double>>> steps)
                throws Exception {
            List<List<List<Double>>> found = on(2, communicator -> {
                try (PointerScope scope = new PointerScope();
                        Weights weights = new Weights(communicator)) {
                    return steps.apply(weights);
                }
            });
            assertEquals(List.of(expected, expected), found);
        }

        private final class Weights implements AutoCloseable {
            private final List<Tensor> weights = new ArrayList<>();
            private final GradientReducer exchange;
            private final double scale;

            Weights(Communicator communicator) {
                scale = communicator.isLeader() ? 1 : 3;
                for (int i = 0; i < 3; i++) {
                    weights.add(Tensors.of(new float[3], 3).requires_grad_(true));
                }
                exchange = communicator.reducer(weights, BYTES_OF_TWO_WEIGHTS);
            }

            /** One pass; each factor is the gradient of its weight. */
            void backward(double[] factors) {
                Tensor loss = null;
                for (int i = 0; i < factors.length; i++) {
                    if (factors[i] != 0) {
                        Tensor term = weights.get(i).sum().mul(new Scalar(factors[i] * scale));
                        loss = loss == null ? term : loss.add(term);
                    }
                }
                loss.backward();
            }

            /** Passes of one step; gives the gradients that they leave, and forgets them. */
            List<Double> step(double[]... passes) {
                exchange.during(onProgress -> List.of(passes).forEach(factors -> {
                    backward(factors);
                    onProgress.run();
                }));
                List<Double> found = weights.stream()
                        .map(w -> w.grad().defined() ? (double) Tensors.toFloats(w.grad())[2] : NONE)
                        .toList();
                Tensors.clearGradients(weights);
                return found;
            }

            @Override
            public void close() {
                exchange.close();
            }
        }
    }
}
