package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A study in a process of its own that waits to be killed: during its second trial, or, with two jobs, after the first. */
final class KilledStudy {
    private KilledStudy() {}

    private static Path mark(Path out) {
        return out.resolveSibling("kill-me");
    }

    /** Runs a study and kills it there. */
    static void kill(Path study, Path cohort, Path out, int jobs) throws Exception {
        Path log = out.resolveSibling("log");
        Process process = JavaProcess.builder(KilledStudy.class, study, cohort, out, jobs)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (process.isAlive() && !Files.exists(mark(out)) && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertTrue(process.isAlive(), () -> "the study ended by itself: " + read(log));
        assertTrue(Files.exists(mark(out)), () -> "the study does not get there: " + read(log));
        process.destroyForcibly().waitFor();
        assertFalse(Files.exists(out.resolve("study.json")));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) {
        Path out = Path.of(arguments[2]);
        int jobs = Integer.parseInt(arguments[3]);
        TinyStudies.Listener listener = new TinyStudies.Listener();
        int[] asked = new int[1];
        StudyRun.run(Study.load(arguments[0]), TinyStudies.options(out, Path.of(arguments[1]), jobs), listener, () -> {
            boolean isReached = jobs > 1 ? !listener.ended.isEmpty() : listener.ended.size() == 1 && ++asked[0] == 4;
            if (isReached) {
                waitToBeKilled(mark(out));
            }
            return false;
        });
    }

    private static void waitToBeKilled(Path mark) {
        try {
            if (!Files.exists(mark)) {
                Files.createFile(mark);
            }
            Thread.sleep(60_000);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
