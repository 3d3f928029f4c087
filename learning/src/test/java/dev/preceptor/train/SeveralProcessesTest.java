package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Settings;
import dev.preceptor.model.ModelFile;
import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.quality.Reliability;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.Ports;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two processes on this machine that train together over Gloo. */
@Tag("integration")
class SeveralProcessesTest {
    @TempDir
    static Path folder;

    private static Path cohort;
    private static Map<String, Recipe> recipes;

    /** Two processes that nobody disturbs; beside their runs are those of one process, named {@code one-}. */
    private static Pair undisturbed;

    @BeforeAll
    static void trainUndisturbed() throws Exception {
        cohort = TinyRuns.cohort(folder.resolve("cohort"), 4);
        recipes = Map.of(
                "baseline",
                recipe(),
                "kd-net",
                TinyRuns.recipe(
                        "kd-net-small",
                        "sampling.batch=2",
                        "validation.postProcessing=CHOOSE",
                        "validation.reliability=FIT"),
                "advantage",
                TinyRuns.recipe(
                        "kd-net-balanced-small",
                        "sampling.batch=2",
                        "distillation.regionWeights=ADVANTAGE",
                        "distillation.margin=1"),
                "mtcm-kd",
                MtcmKdTrainingTest.recipe("mtcm-kd-small", "sampling.batch=2"));
        undisturbed = new Pair("undisturbed");
        recipes.forEach((name, recipe) -> undisturbed.train(recipe, name, "new"));
        Recipe cooperative = recipes.get("mtcm-kd");
        undisturbed
                .train(cooperative, cooperative, "stopped", "new", "stop:4")
                .train(cooperative, "stopped", "resume")
                .train(longer(), "longer", "new")
                .start();
        recipes.forEach(
                (name, recipe) -> TinyRuns.train(recipe, cohort, undisturbed.run("one-" + name), false, () -> false));
        undisturbed.finish();
    }

    /** Trainings of two processes, one after the other. */
    private static final class Pair {
        private final Path logs;
        private final List<List<String>> arguments = List.of(new ArrayList<>(), new ArrayList<>());
        private final List<Process> processes = new ArrayList<>();
        private int port;

        Pair(String name) throws IOException {
            logs = Files.createDirectory(folder.resolve(name));
            arguments.forEach(list -> list.add(cohort.toString()));
        }

        Path run(String name) {
            return logs.resolve(name);
        }

        Pair train(Recipe recipe, String run, String how) {
            return train(recipe, recipe, run, how, how);
        }

        Pair train(Recipe first, Recipe second, String run, String how, String howSecond) {
            List<Recipe> recipes = List.of(first, second);
            for (int rank = 0; rank < 2; rank++) {
                Path file = logs.resolve(run + "-" + arguments.get(rank).size() + "-" + rank + ".yaml");
                recipes.get(rank).write(file);
                arguments.get(rank).addAll(List.of(file.toString(), run(run).toString(), rank == 0 ? how : howSecond));
            }
            return this;
        }

        Pair start() throws IOException {
            port = Ports.free();
            for (int rank = 0; rank < 2; rank++) {
                processes.add(RankRun.start(rank, 2, port, logs, arguments.get(rank)));
            }
            return this;
        }

        int exit(int rank, int seconds) throws Exception {
            assertTrue(
                    processes.get(rank).waitFor(seconds, TimeUnit.SECONDS),
                    "rank " + rank + " did not end: " + log(rank));
            return processes.get(rank).exitValue();
        }

        void finish() throws Exception {
            for (int rank = 0; rank < 2; rank++) {
                assertEquals(0, exit(rank, 120), log(rank));
            }
        }

        String log(int rank) throws IOException {
            return Files.readString(logs.resolve("rank-" + rank + ".log"));
        }
    }

    private static Recipe recipe(String... more) {
        List<String> overrides = new ArrayList<>(List.of("sampling.batch=2"));
        overrides.addAll(List.of(more));
        return TinyRuns.recipe("baseline-small", overrides.toArray(String[]::new));
    }

    private static Recipe longer() {
        return recipe("optimization.epochs=5");
    }

    @Test
    void endWithTheWeightsOfOneProcess() throws IOException {
        for (String name : recipes.keySet()) {
            Path one = undisturbed.run("one-" + name);
            Path two = undisturbed.run(name);
            assertSameLosses(metrics(one), metrics(two));
            assertSameWeights(weights(one), weights(two));
        }
        // Two processes share the validation subjects; the first alone reads the images.
        Reliability together = reliability(undisturbed.run("kd-net"));
        Reliability alone = reliability(undisturbed.run("one-kd-net"));
        assertEquals(alone.guards(), together.guards());
        alone.temperatures()
                .byRegion()
                .forEach((region, temperature) ->
                        assertEquals(temperature, together.temperatures().of(region), 1e-3, region));
        // One of them stops in the middle of an epoch, when each has its own part of the teachers' state.
        assertSameBytes(weights(undisturbed.run("mtcm-kd")), weights(undisturbed.run("stopped")));
    }

    private static Reliability reliability(Path run) {
        return ModelFile.read(run.resolve("models/student.safetensors"))
                .description()
                .reliability();
    }

    /** Losses and validation scores agree to a relative 1e-6. */
    private static void assertSameLosses(List<JsonNode> one, List<JsonNode> two) {
        assertEquals(one.size(), two.size());
        for (int epoch = 0; epoch < one.size(); epoch++) {
            for (String part : List.of("training", "validation")) {
                JsonNode expected = one.get(epoch).get(part);
                JsonNode found = two.get(epoch).get(part);
                for (String name : expected.propertyNames()) {
                    // With two processes the log has the mean of a teacher's Dice over both parts of the batch; no loss
                    // uses it.
                    if (part.equals("training") && name.startsWith("dice_")) {
                        continue;
                    }
                    double value = expected.get(name).doubleValue();
                    assertEquals(value, found.get(name).doubleValue(), 1e-6 * Math.max(1, Math.abs(value)), name);
                }
            }
        }
    }

    /**
     * After six or nine steps of Adam with a rate of 2e-3 weights differ by at most 1e-5, except biases before a normalisation,
     * which cancels them: their gradient is rounding error, and Adam scales it to whole steps.
     */
    private static void assertSameWeights(Map<String, ArrayData> one, Map<String, ArrayData> two) {
        assertEquals(one.keySet(), two.keySet());
        one.forEach((name, array) -> {
            if (name.matches(".*conv1?\\.bias")) {
                return;
            }
            FloatBuffer expected = array.bytes().asFloatBuffer();
            FloatBuffer found = two.get(name).bytes().asFloatBuffer();
            while (expected.hasRemaining()) {
                assertEquals(expected.get(), found.get(), 1e-5f, name);
            }
        });
    }

    @Test
    void endWithinAMinuteWhenOneIsKilledAndResumeToTheSameBytes() throws Exception {
        Recipe recipe = longer();
        Pair killed =
                new Pair("killed").train(recipe, recipe, "run", "new", "wait:7").start();
        await(killed.logs.resolve("waiting-1"), killed);
        killed.processes.get(1).destroyForcibly().waitFor();
        assertEquals(1, killed.exit(0, 60));
        assertTrue(killed.log(0).contains("preceptor: error: rank 1 of 2 is lost: no heartbeat for "), killed.log(0));
        assertTrue(Files.readString(killed.run("run").resolve("run.json")).contains("\"failed\""));
        assertFalse(Files.exists(killed.run("run").resolve("models")));

        Pair resumed = new Pair("resumed");
        Files.move(killed.run("run"), resumed.run("run"));
        resumed.train(recipe, "run", "resume").start().finish();
        assertSameBytes(weights(undisturbed.run("longer")), weights(resumed.run("run")));
        assertEquals(5, metrics(resumed.run("run")).size());
    }

    private static void assertSameBytes(Map<String, ArrayData> one, Map<String, ArrayData> two) {
        assertEquals(one.keySet(), two.keySet());
        one.forEach((name, array) -> assertEquals(array.bytes(), two.get(name).bytes(), name));
    }

    @Test
    void endWithTheSameBytesUnderForgedConnectionsToTheirPort() throws Exception {
        Pair disturbed = new Pair("disturbed").train(longer(), "run", "new");
        // Left by a killed process.
        Path stale = Files.createDirectory(disturbed.run("run")).resolve(".secret");
        Files.writeString(
                Files.createFile(
                        stale, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))),
                "0123456789abcdef0123456789abcdef");
        disturbed.start();
        try (Strangers strangers = new Strangers(disturbed.port)) {
            disturbed.finish();
            assertTrue(strangers.received() > 0, "no forged connection reached the store of the ranks");
        }
        assertSameBytes(weights(undisturbed.run("longer")), weights(disturbed.run("run")));
        assertFalse(Files.exists(disturbed.run("run").resolve(".secret")));
    }

    @Test
    void refuseToTrainWithDifferentRecipes() throws Exception {
        Path run = folder.resolve("different");
        String port = Integer.toString(Ports.free());
        // Threads serve as processes here, for the ranks end before the first step.
        ExecutorService ranks = Executors.newFixedThreadPool(2);
        try {
            List<Future<String>> refusals = new ArrayList<>();
            for (int rank = 0; rank < 2; rank++) {
                Recipe recipe = rank == 0 ? recipe() : recipe("seed=3");
                DistributedEnvironment environment = DistributedEnvironment.of(Map.of(
                        "RANK",
                        Integer.toString(rank),
                        "WORLD_SIZE",
                        "2",
                        "MASTER_ADDR",
                        "127.0.0.1",
                        "MASTER_PORT",
                        port));
                TrainingJob job = new TrainingJob(recipe, cohort, run, Optional.empty(), false, "cpu", 1);
                refusals.add(ranks.submit(() -> assertThrows(
                                MismatchException.class, () -> Training.run(job, environment, event -> {}, () -> false))
                        .getMessage()));
            }
            for (Future<String> refusal : refusals) {
                String message = refusal.get(120, TimeUnit.SECONDS);
                assertTrue(message.startsWith("rank 1 cannot train with rank 0: its recipe is "), message);
            }
        } finally {
            ranks.shutdownNow();
        }
        assertFalse(Files.exists(run));
    }

    @Test
    void refuseABatchThatCannotBeSharedEvenlyAndALossThatPoolsTheBatch() {
        Recipe three = recipe("sampling.batch=3");
        Preflight.requireEvenShares(three, 3);
        String odd = assertThrows(InvalidRecipeException.class, () -> Preflight.requireEvenShares(three, 2))
                .getMessage();
        assertTrue(odd.startsWith("sampling.batch is 3, which 2 processes cannot share evenly"), odd);
        for (String pooling : List.of("distillation.batchDice=true", "distillation.loss=[{name: top-k}]")) {
            Recipe recipe = recipe(pooling);
            String refused = assertThrows(
                            InvalidRecipeException.class,
                            () -> recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"), local -> local))
                    .getMessage();
            assertTrue(
                    refused.contains("pools the samples of a batch, but each process has only a share of them"),
                    refused);
        }
    }

    private static void await(Path mark, Pair pair) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!Files.exists(mark)) {
            assertTrue(pair.processes.stream().allMatch(Process::isAlive), pair.log(0) + pair.log(1));
            assertTrue(System.nanoTime() < end, pair.log(0) + pair.log(1));
            Thread.sleep(20);
        }
    }

    private static Map<String, ArrayData> weights(Path run) {
        return ModelFile.read(run.resolve("models/student.safetensors")).weights();
    }

    private static List<JsonNode> metrics(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(Settings.JSON::readTree)
                .toList();
    }
}
