package dev.preceptor.train;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** One of several processes of a training, started by tests like the command line starts them. */
final class RankRun {
    private RankRun() {}

    /**
     * Runs one training after the other. Each has three arguments: a recipe, the folder of the run, and {@code new}, {@code resume},
     * {@code stop:STEPS} or {@code wait:STEPS}. With {@code wait} the process writes a file {@code waiting-RANK} beside the run
     * after this number of steps, and waits.
     */
    public static void main(String[] arguments) {
        Path cohort = Path.of(arguments[0]);
        try {
            for (int i = 1; i < arguments.length; i += 3) {
                train(Path.of(arguments[i]), cohort, Path.of(arguments[i + 1]), arguments[i + 2]);
            }
        } catch (RuntimeException e) {
            System.err.println("preceptor: error: " + ErrorLine.of(e));
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void train(Path recipe, Path cohort, Path run, String how) {
        DistributedEnvironment distributedEnvironment = DistributedEnvironment.of(System.getenv());
        Training.run(
                new TrainingJob(Recipe.read(recipe), cohort, run, Optional.empty(), how.equals("resume"), "cpu", 1),
                distributedEnvironment,
                event -> {},
                stop(how, run.resolveSibling("waiting-" + distributedEnvironment.rank())));
    }

    private static BooleanSupplier stop(String how, Path mark) {
        int steps = how.contains(":") ? Integer.parseInt(how.substring(5)) : 0;
        if (how.startsWith("wait:")) {
            return waiting(mark, steps);
        }
        int[] asked = new int[1];
        return () -> how.startsWith("stop:") && asked[0]++ >= steps;
    }

    private static BooleanSupplier waiting(Path mark, int steps) {
        int[] asked = new int[1];
        return () -> {
            if (asked[0]++ == steps) {
                try {
                    Files.createFile(mark);
                    Thread.sleep(60_000);
                } catch (IOException e) {
                    throw new AssertionError(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return false;
        };
    }

    /** Starts one rank in its own JVM, with its output in {@code logs/rank-RANK.log}. */
    static Process start(int rank, int size, int port, Path logs, List<String> arguments) throws IOException {
        ProcessBuilder builder = JavaProcess.builder(List.of(), RankRun.class, arguments)
                .redirectErrorStream(true)
                .redirectOutput(logs.resolve("rank-" + rank + ".log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "RANK", Integer.toString(rank),
                        "WORLD_SIZE", Integer.toString(size),
                        "MASTER_ADDR", "127.0.0.1",
                        "MASTER_PORT", Integer.toString(port)));
        return builder.start();
    }
}
