package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.preceptor.recipe.Recipe;
import dev.preceptor.testing.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SIGKILL at random times, also during the start and while checkpoints are written. 30 kills: benchmarks/kills.sh. */
@Tag("integration")
class KilledTrainingTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    @ParameterizedTest
    @CsvSource({
        "mtcm-kd-small, distillation.teachers=TOGETHER, true",
        "baseline-nnunet-small, optimization.ema=0.8 optimization.accumulate=2 augmentation.preset=nnunet, false",
    })
    void aRunThatIsResumedAfterEachKillEqualsAnUninterruptedRun(
            String name, String settings, boolean alsoDuringTheStart, @TempDir Path folder) throws Exception {
        List<String> overrides = new ArrayList<>(TinyRuns.OVERRIDES);
        overrides.remove("network.skips=1");
        overrides.addAll(List.of("network.widths=[2,4,4]", "optimization.epochs=8"));
        overrides.addAll(List.of(settings.split(" ")));
        Path whole = folder.resolve("whole");
        TinyRuns.train(Recipe.load(name, overrides), COHORT.path(), whole, false, () -> false);
        // A checkpoint every fifth of a second, within epochs and between them, so that some are killed half written.
        overrides.add("checkpointMinutes=0.003");
        Recipe recipe = Recipe.load(name, overrides);
        recipe.write(folder.resolve("recipe.yaml"));
        Path run = folder.resolve("killed");
        SplittableRandom random = new SplittableRandom(30);
        if (alsoDuringTheStart) {
            kill(start(folder, run), 0, random.nextInt(1500));
        }
        kill(start(folder, run), random.nextInt(1, 9), random.nextInt(60));
        assertFalse(Files.exists(run.resolve("models/student.safetensors")), "every kill came before the end");
        TinyRuns.train(recipe, COHORT.path(), run, true, () -> false);
        TinyRuns.assertSame(whole, run);
        try (Stream<Path> files = Files.walk(run)) {
            assertEquals(
                    List.of(), files.filter(p -> p.toString().endsWith(".part")).toList());
        }
    }

    private static Process start(Path folder, Path run) throws IOException {
        return JavaProcess.builder(KilledRun.class, folder.resolve("recipe.yaml"), COHORT.path(), run)
                .redirectError(folder.resolve("log").toFile())
                .start();
    }

    private static void kill(Process process, int steps, int millis) throws Exception {
        try (BufferedReader output = process.inputReader()) {
            for (int step = 0; step < steps; step++) {
                assertNotNull(output.readLine(), "the process ended before it was killed");
            }
            Thread.sleep(millis);
            process.destroyForcibly().waitFor();
        }
    }
}
