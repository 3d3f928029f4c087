package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.WatchedNetwork;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One predictor, used by many threads. */
class PredictorThreadsTest {
    private static final int THREADS = 4;

    private final List<Volume> volumes = IntStream.range(0, 6)
            .mapToObj(i -> NoiseVolumes.of(Grid.of(new Size(18 + 3 * i, 30 - 2 * i, 17 + i), 1), i))
            .toList();
    private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    private int threadsBefore;

    @TempDir
    private Path folder;

    @BeforeEach
    void useOneThreadForEachOperation() {
        threadsBefore = Torch.threads();
        Torch.useThreads(1);
    }

    @AfterEach
    void end() throws InterruptedException {
        pool.shutdownNow();
        assertTrue(pool.awaitTermination(60, TimeUnit.SECONDS));
        Torch.useThreads(threadsBefore);
    }

    private static PredictionOptions options(int passes) {
        return PredictionOptions.DEFAULTS.withPasses(passes);
    }

    private static Prediction predict(Predictor predictor, Volume volume) {
        return predictor.predict(Map.of(Sequence.T1CE, volume));
    }

    private List<Prediction> inThreads(Predictor predictor, List<Volume> volumes) {
        List<Future<Prediction>> futures = volumes.stream()
                .map(volume -> pool.submit(() -> predict(predictor, volume)))
                .toList();
        return futures.stream().map(PredictorThreadsTest::get).toList();
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get(5, TimeUnit.MINUTES);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void manyThreadsGetTheBitsOfOne() {
        for (boolean mirror : new boolean[] {false, true}) {
            PredictionOptions options =
                    PredictionOptions.DEFAULTS.withMirror(mirror).withPasses(THREADS);
            try (Predictor predictor = Predictor.open(List.of(Models.small(1), Models.small(2)), options)) {
                // A mirrored prediction takes eight times as long.
                List<Volume> work = mirror ? volumes.subList(0, 3) : volumes;
                int rounds = mirror ? 1 : 2;
                List<Prediction> expected =
                        work.stream().map(volume -> predict(predictor, volume)).toList();
                for (int round = 0; round < rounds; round++) {
                    List<Prediction> found = inThreads(predictor, work);
                    for (int i = 0; i < work.size(); i++) {
                        String where = "round " + round + ", volume " + i;
                        for (int region = 0; region < 3; region++) {
                            assertArrayEquals(
                                    expected.get(i).probabilities().get(region).voxels(),
                                    found.get(i).probabilities().get(region).voxels(),
                                    0,
                                    where);
                        }
                        assertArrayEquals(
                                expected.get(i).labels().voxels(),
                                found.get(i).labels().voxels(),
                                where);
                    }
                }
            }
        }
    }

    private ModelFile watched() {
        ModelDescription small = Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE);
        NetworkSpec spec = small.network();
        return Models.random(
                Models.withNetwork(
                        small, new NetworkSpec(WatchedNetwork.NAME, spec.inputs(), spec.outputs(), spec.arguments())),
                1);
    }

    @Test
    void theOptionBoundsThePassesAtATime() {
        for (int passes : new int[] {1, 2}) {
            WatchedNetwork.during(folder, () -> {
                try (Predictor predictor = Predictor.open(List.of(watched()), options(passes))) {
                    inThreads(predictor, volumes);
                    inThreads(predictor, volumes);
                }
            });
            int most = WatchedNetwork.mostRunning();
            assertTrue(most >= 1 && most <= passes, passes + " passes, " + most + " ran at a time");
        }
    }

    @Test
    void aModelFileBuildsItsNetworkOnce() {
        Path file = folder.resolve("model.safetensors");
        WatchedNetwork.during(folder, () -> watched().write(file));
        WatchedNetwork.during(folder, () -> ModelFile.read(file));
        assertEquals(1, WatchedNetwork.built());
        WatchedNetwork.during(
                folder, () -> Predictor.read(List.of(file), options(1)).close());
        assertEquals(1, WatchedNetwork.built());
    }

    @Test
    void closingWaitsForTheCallsThatHaveBegun() throws InterruptedException {
        Predictor predictor = Predictor.open(List.of(Models.small(1)), options(THREADS));
        Prediction expected = predict(predictor, volumes.get(5));
        CountDownLatch begun = new CountDownLatch(THREADS);
        List<Future<Integer>> counts = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            counts.add(pool.submit(() -> {
                int count = 0;
                while (true) {
                    Prediction found;
                    try {
                        found = predict(predictor, volumes.get(5));
                    } catch (IllegalStateException e) {
                        assertEquals("the predictor is closed", e.getMessage());
                        return count;
                    }
                    assertArrayEquals(expected.labels().voxels(), found.labels().voxels());
                    count++;
                    begun.countDown();
                }
            }));
        }
        assertTrue(begun.await(5, TimeUnit.MINUTES));
        predictor.close();
        counts.forEach(count -> assertTrue(get(count) >= 1));
        predictor.close();
        assertThrows(IllegalStateException.class, () -> predict(predictor, volumes.get(0)));
    }

    @Test
    void aNegativeNumberOfPassesIsRefused() {
        String message =
                assertThrows(PreceptorException.class, () -> options(-1)).getMessage();
        assertEquals("the number of passes at a time must be 0 or more, not -1", message);
    }
}
