package dev.preceptor.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the lifetimes of native memory of the process groups: glibc overwrites freed memory ({@code MALLOC_PERTURB_}), the
 * garbage collector runs between cycles, and processes end while collectives still wait for lost ranks. A thousand cycles in ten
 * processes, with the Java home of {@code preceptor.stress.java} (default: that of the build).
 */
@Tag("stress")
class CommunicatorStressTest {
    private static final int PROCESSES = 10;

    @TempDir
    private Path folder;

    @Test
    void nativeMemoryOutlivesWhatUsesIt() throws Exception {
        int cycles = Integer.getInteger("preceptor.stress.cycles", 1000);
        String java = System.getProperty("preceptor.stress.java", "");
        Path home = Path.of(java.isBlank() ? System.getProperty("java.home") : java);
        for (int seed = 1; seed <= PROCESSES; seed++) {
            Path log = folder.resolve("seed-" + seed + ".log");
            Process process = start(home, log, Math.max(1, cycles / PROCESSES), seed);
            assertTrue(process.waitFor(30, TimeUnit.MINUTES), () -> "it did not end: " + text(log));
            String message = "seed " + seed + " with " + home + ": " + text(log);
            assertEquals(0, process.exitValue(), message);
            assertTrue(text(log).contains("completed " + Math.max(1, cycles / PROCESSES) + " cycles"), message);
        }
    }

    private Process start(Path home, Path log, int cycles, int seed) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin").resolve("java").toString(),
                "-Xmx512m",
                "-XX:ErrorFile=" + folder.resolve("hs_err-" + seed + ".log"),
                "-XX:ReplayDataFile=" + folder.resolve("replay-" + seed + ".log"),
                "-cp",
                System.getProperty("java.class.path"),
                StressCycles.class.getName(),
                Integer.toString(cycles),
                Integer.toString(seed)));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("MALLOC_PERTURB_", Integer.toString(100 + seed));
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder.start();
    }

    private static String text(Path log) {
        try {
            return Files.readString(log)
                    .lines()
                    .filter(line -> !line.startsWith("[Gloo]"))
                    .reduce("", (a, b) -> a + b + "\n");
        } catch (IOException e) {
            return e.toString();
        }
    }
}
