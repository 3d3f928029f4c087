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
import java.util.LinkedHashMap;
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

/** Ranks on threads of one process; they communicate as separate processes do. */
class CommunicatorTest {
    private static final RunSecret SECRET = RunSecret.of("a secret of these tests");

    /** The result of each rank, in rank order. */
    private static <T> List<T> onRanks(int size, Function<Communicator, T> work) throws Exception {
        int port = Ports.free();
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<T>> results = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                DistributedEnvironment environment = new DistributedEnvironment(
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
                    try (Communicator communicator = Communicator.join(environment, Path.of("unused"), false)) {
                        return work.apply(communicator);
                    }
                }));
            }
            List<T> values = new ArrayList<>();
            for (Future<T> result : results) {
                values.add(result.get(60, TimeUnit.SECONDS));
            }
            return values;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void collectivesReturnTheSameOnEveryRank() throws Exception {
        List<Boolean> all = onRanks(3, communicator -> {
            int rank = communicator.shard().rank();
            assertTrue(communicator.anyRank(rank == 2));
            assertFalse(communicator.anyRank(false));
            assertEquals(Map.of("a", 1.0, "b", 0.1), communicator.allReduceMean(Map.of("a", (double) rank, "b", 0.1)));
            Map<String, List<Double>> local = Map.of("x", List.of(rank + 0.5, 7.0), "y", List.of());
            assertEquals(Map.of("x", List.of(1.5, 7.0), "y", List.of()), communicator.allReduceMeanLists(local));
            Map<String, List<Double>> gathered = communicator.allGather(local);
            assertEquals(List.of(0.5, 7.0, 1.5, 7.0, 2.5, 7.0), gathered.get("x"));
            assertEquals(local, communicator.ownShard(gathered, local));
            assertArrayEquals(new byte[] {5, -6}, communicator.broadcast(() -> new byte[] {5, -6}));
            assertEquals(rank, communicator.shard().begin(3));
            return communicator.isLeader();
        });
        assertEquals(List.of(true, false, false), all);
    }

    @Test
    void mapShardedReturnsTheResultsInTheOrderOfTheItems() throws Exception {
        Function<Communicator, Optional<List<Map<String, Double>>>> measure =
                communicator -> communicator.mapSharded(5, () -> false, i -> Map.of("value", i / 3.0));
        Optional<List<Map<String, Double>>> expected = measure.apply(Communicator.singleProcess());
        assertEquals(List.of(expected, expected), onRanks(2, measure));
        assertEquals(
                List.of(Optional.empty(), Optional.empty()),
                onRanks(
                        2,
                        communicator ->
                                communicator.mapSharded(5, () -> communicator.isLeader(), i -> Map.of("value", 1.0))));
    }

    @Test
    void numbersAreMatchedByNameInWhateverOrderARankHasThem() throws Exception {
        List<Boolean> all = onRanks(2, communicator -> {
            List<String> names = communicator.isLeader() ? List.of("steps", "epochs") : List.of("epochs", "steps");
            Map<String, Double> numbers = new LinkedHashMap<>();
            Map<String, List<Double>> lists = new LinkedHashMap<>();
            names.forEach(name -> {
                numbers.put(name, name.equals("steps") ? 8.0 : 1);
                lists.put(name, List.of(numbers.get(name)));
            });
            assertEquals(numbers, communicator.allReduceMean(numbers));
            assertEquals(lists, communicator.allReduceMeanLists(lists));
            Map<String, List<Double>> gathered = communicator.allGather(lists);
            assertEquals(Map.of("steps", List.of(8.0, 8.0), "epochs", List.of(1.0, 1.0)), gathered);
            assertEquals(names, List.copyOf(gathered.keySet()));
            return true;
        });
        assertEquals(List.of(true, true), all);
    }

    @Test
    void listsGatheredFromMoreRanksGiveTheMeanOverTheirShards() {
        Map<String, List<Double>> ofTwoRanks = Map.of("x", List.of(1.0, 2.0, 3.0, 6.0));
        assertEquals(
                Map.of("x", List.of(2.0, 4.0)),
                Communicator.singleProcess().ownShard(ofTwoRanks, Map.of("x", List.of(0.0, 0.0))));
    }

    @Test
    void aRankStartedDifferentlyIsRefusedOnAllRanks() throws Exception {
        List<String> found = onRanks(
                2,
                communicator -> assertThrows(
                                MismatchException.class,
                                () -> communicator.requireSame(Map.of("recipe", communicator.isLeader() ? "a" : "b")))
                        .getMessage());
        assertEquals(found.get(0), found.get(1));
        assertEquals(
                "rank 1 cannot train with rank 0: its recipe is b, but that of rank 0 is a; start every rank with the same"
                        + " command on the same data",
                found.get(0));
    }

    @Test
    void aTraitMayBeOfAnyLength() throws Exception {
        Map<String, String> traits = Map.of("split", "patient \u00e9, ".repeat(10_000));
        Communicator.singleProcess().requireSame(traits);
        onRanks(2, communicator -> {
            communicator.requireSame(traits);
            return true;
        });
    }

    @Test
    void theFailureOfARankIsReportedToTheOthers() throws Exception {
        List<String> found = new ArrayList<>(onRanks(2, communicator -> {
            if (communicator.isLeader()) {
                return assertThrows(LostRankException.class, () -> communicator.anyRank(false))
                        .getMessage();
            }
            assertThrows(
                    MismatchException.class,
                    () -> communicator.together(() -> {
                        throw new MismatchException("subject 7 \u001b[2J has another grid");
                    }));
            return "";
        }));
        assertTrue(
                found.get(0).startsWith("rank 1 of 2 failed: subject 7 \\u001b[2J has another grid; "), found.get(0));
    }

    @Test
    void theGlobalBatchSumHasTheGradientOfTheGlobalBatch() throws Exception {
        // d/dx log(sum x^2) = 2x / sum x^2; the reducer would take the mean over two ranks, hence the factor 2.
        List<float[]> gradients = onRanks(2, communicator -> {
            try (PointerScope scope = new PointerScope()) {
                Tensor x = Tensors.of(new float[] {communicator.isLeader() ? 1 : 2}, 1)
                        .requires_grad_(true);
                Tensor sum = communicator.allReduceSum(x.square().sum());
                assertEquals(5, sum.item().toDouble());
                sum.log().backward();
                return Tensors.toFloats(x.grad());
            }
        });
        assertEquals(2 * 1 / 5.0 * 2, gradients.get(0)[0], 1e-6);
        assertEquals(2 * 2 / 5.0 * 2, gradients.get(1)[0], 1e-6);
    }

    /** Three weights with three numbers each, in buckets of two weights; the gradients of rank 1 are three times those of rank 0. */
    @Nested
    class Gradients {
        private static final long BYTES_OF_TWO_WEIGHTS = 24;
        private static final double NONE = Double.NaN;

        @Test
        void areMeansOverTheRanksInEveryStep() throws Exception {
            assertMeans(
                    List.of(List.of(2.0, 4.0, 6.0), List.of(4.0, 2.0, 2.0), List.of(2.0, 4.0, 6.0)),
                    weights -> List.of(
                            weights.step(new double[] {1, 2, 3}),
                            weights.step(new double[] {2, 1, 1}),
                            weights.step(new double[] {1, 2, 3})));
        }

        @Test
        void mayComeFromSeveralBackwardPassesOrNone() throws Exception {
            assertMeans(
                    List.of(List.of(4.0, 4.0, NONE), List.of(4.0, 4.0, NONE)),
                    weights -> List.of(
                            weights.step(new double[] {1, 0, 0}, new double[] {1, 2, 0}),
                            weights.step(new double[] {1, 0, 0}, new double[] {1, 2, 0})));
        }

        @Test
        void areCorrectWhenAStepRunsOtherBackwardPassesThanThePreviousOne() throws Exception {
            assertMeans(
                    List.of(List.of(2.0, 2.0, 2.0), List.of(4.0, 6.0, 8.0), List.of(NONE, NONE, 2.0)),
                    weights -> List.of(
                            weights.step(new double[] {1, 1, 1}),
                            weights.step(new double[] {1, 1, 1}, new double[] {1, 2, 3}),
                            weights.step(new double[] {0, 0, 1})));
        }

        @Test
        void includeThoseAccumulatedBefore() throws Exception {
            assertMeans(List.of(List.of(4.0, 2.0, NONE)), weights -> {
                weights.backward(new double[] {1, 1, 0});
                return List.of(weights.step(new double[] {1, 0, 0}));
            });
        }

        @Test
        void reachEveryRankIfAnyRankHasThem() throws Exception {
            assertMeans(
                    List.of(List.of(0.5, 3.0, NONE), List.of(1.5, 1.0, 0.5)),
                    weights -> List.of(
                            weights.step(weights.isLeader ? new double[] {1, 0, 0} : new double[] {0, 2, 0}),
                            weights.step(weights.isLeader ? new double[] {0, 2, 1} : new double[] {1, 0, 0})));
        }

        @Test
        void areReducedAgainOnAllRanksIfOnlyOneAccumulatesLate() throws Exception {
            assertMeans(
                    List.of(List.of(NONE, NONE, 2.0), List.of(1.5, 0.5, 2.0), List.of(2.0, 2.0, 2.0)),
                    weights -> List.of(
                            weights.step(new double[] {0, 0, 1}),
                            weights.isLeader
                                    ? weights.step(new double[] {0, 0, 1}, new double[] {0, 1, 0})
                                    : weights.step(new double[] {0, 0, 1}, new double[] {1, 0, 0}),
                            weights.step(new double[] {1, 1, 1})));
        }

        @Test
        void doNotMixWithSumsThatTheLossesOfAStepTake() throws Exception {
            assertMeans(List.of(List.of(NONE, NONE, 2.0), List.of(2.0, NONE, 2.0)), weights -> {
                double[] first = {1, 0, 0};
                double[] last = {0, 0, 1};
                return List.of(
                        weights.step(last), weights.isLeader ? weights.step(last, first) : weights.step(first, last));
            });
        }

        private void assertMeans(List<List<Double>> expected, Function<Weights, List<List<Double>>> steps)
                throws Exception {
            List<List<List<Double>>> found = onRanks(2, communicator -> {
                try (PointerScope scope = new PointerScope();
                        Weights weights = new Weights(communicator)) {
                    return steps.apply(weights);
                }
            });
            assertEquals(List.of(expected, expected), found);
        }

        private final class Weights implements AutoCloseable {
            private final List<Tensor> weights = new ArrayList<>();
            private final Communicator communicator;
            private final GradientReducer reducer;
            private final boolean isLeader;
            private final double scale;

            Weights(Communicator communicator) {
                this.communicator = communicator;
                isLeader = communicator.isLeader();
                scale = isLeader ? 1 : 3;
                for (int i = 0; i < 3; i++) {
                    weights.add(Tensors.of(new float[3], 3).requires_grad_(true));
                }
                reducer = communicator.reducer(weights, BYTES_OF_TWO_WEIGHTS);
            }

            /** One backward pass; each factor is the gradient of its weight. */
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

            /** The backward passes of one step, each with a sum over the ranks; returns the reduced gradients and clears them. */
            List<Double> step(double[]... passes) {
                reducer.during(accumulated -> List.of(passes).forEach(factors -> {
                    Tensor one = Tensors.of(new float[] {1}, 1);
                    assertEquals(2, communicator.allReduceSum(one).item().toDouble());
                    backward(factors);
                    accumulated.run();
                }));
                List<Double> found = weights.stream()
                        .map(w -> w.grad().defined() ? (double) Tensors.toFloats(w.grad())[2] : NONE)
                        .toList();
                Tensors.clearGradients(weights);
                return found;
            }

            @Override
            public void close() {
                reducer.close();
            }
        }
    }
}
