package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A signal during a training, which runs in a new process. */
@Tag("integration")
class StopSignalsTest {
    private static final Path ENV = Path.of("/usr/bin/env");

    @TempDir
    private static Path shared;

    private static Path cohort;

    @BeforeAll
    static void makeCohort() {
        cohort = shared.resolve("cohort");
        Run phantom = Run.of("phantom", "--out", cohort.toString(), "--subjects", "3", "--size", "24");
        assertEquals(0, phantom.code(), phantom.err());
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void aSignalLeavesACheckpointAndGivesItsExitCode(String signal, int code, @TempDir Path folder) throws Exception {
        assumeTrue(
                Files.isExecutable(ENV) && canReset(signal), "skipped: no env that can reset SIG" + signal + " here");
        Path run = folder.resolve("run");
        Process process = train(run, signal, folder);
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (process.isAlive() && !hasAnEpoch(run) && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        assertTrue(process.isAlive(), () -> "the training ended before the signal: " + output(folder));
        assertTrue(livePage(folder).contains("<progress "), "the live page");
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                .start()
                .waitFor();
        assertTrue(process.waitFor(3, TimeUnit.MINUTES), "the training is still running");
        assertEquals(code, process.exitValue(), output(folder));
        assertTrue(output(folder).contains("the same command with --resume continues from " + run), output(folder));
        assertTrue(Files.readString(run.resolve("run.json")).contains("\"stopped\""));
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            assertEquals(1, checkpoints.count());
        }
    }

    private static boolean hasAnEpoch(Path run) throws IOException {
        Path metrics = run.resolve("metrics.jsonl");
        return Files.exists(metrics) && Files.size(metrics) > 0;
    }

    /** A training of 1000 epochs whose only checkpoint is that of the signal. */
    private static Process train(Path run, String signal, Path folder) throws IOException {
        // The shell makes children of a background build ignore SIGINT.
        List<String> line = new ArrayList<>(List.of(ENV.toString(), "--default-signal=" + signal));
        line.addAll(JavaProcess.command(
                List.of(),
                Main.class.getName(),
                List.of("train", "baseline-small", "--cohort", cohort.toString(), "--out", run.toString())));
        for (String setting : List.of(
                "network.widths=[2,4]",
                "network.skips=1",
                "preprocessing.spacing=0",
                "sampling.patch=[8,8,8]",
                "sampling.stepsPerEpoch=20",
                "optimization.epochs=1000",
                "checkpointEvery=1000")) {
            line.addAll(List.of("--set", setting));
        }
        line.addAll(List.of("--threads", "1", "--watch", "0"));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }

    /** The content of the live page at the address that the training printed. */
    private static String livePage(Path folder) throws IOException, InterruptedException {
        Matcher address = Pattern.compile("live page at (http://127\\.0\\.0\\.1:[0-9]+/)\\R")
                .matcher(output(folder));
        assertTrue(address.find(), output(folder));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address.group(1))).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static boolean canReset(String signal) throws IOException, InterruptedException {
        return new ProcessBuilder(ENV.toString(), "--default-signal=" + signal, "true")
                        .start()
                        .waitFor()
                == 0;
    }

    private static String output(Path folder) {
        try {
            return Files.readString(folder.resolve("said"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
