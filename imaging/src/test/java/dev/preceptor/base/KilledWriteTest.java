package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partial files of processes that are killed during a write, and when they are removed. */
class KilledWriteTest {
    @TempDir
    private Path folder;

    private Process writer;

    /** Writes half of a file and of a folder and then waits; runs in a JVM of its own. */
    static final class HalfWriter {
        private HalfWriter() {}

        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[0]);
            AtomicFiles.writeFolder(folder.resolve("scores"), partial -> {
                AtomicFiles.writeString(partial.resolve("whole.txt"), "whole");
                AtomicFiles.write(folder.resolve("table.csv"), out -> {
                    out.write(new byte[1 << 17]);
                    System.out.println("half");
                    waitForKill();
                });
            });
        }

        private static void waitForKill() {
            try {
                Thread.sleep(120_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @AfterEach
    void endWriter() {
        if (writer != null) {
            writer.destroyForcibly();
        }
    }

    @Test
    void partialFilesOfARunningProcessStay() throws Exception {
        startWriter();
        List<String> before = names();
        assertEquals(2, before.size(), before.toString());
        AtomicFiles.sweep(folder);
        assertEquals(before, names());
        AtomicFiles.writeString(folder.resolve("table.csv"), "mine");
        assertEquals(3, names().size(), names().toString());
    }

    @Test
    void partialFilesOfAKilledProcessAreSwept() throws Exception {
        startWriter();
        killWriter();
        assertEquals(2, names().size());
        Path mine = Files.writeString(folder.resolve(".download.part"), "of another program");
        AtomicFiles.sweep(folder);
        assertEquals(List.of(mine.getFileName().toString()), names());
    }

    @Test
    void theNextWriteOfTheSameTargetRemovesThePartialFilesOfAKilledOne() throws Exception {
        startWriter();
        killWriter();
        AtomicFiles.writeString(folder.resolve("table.csv"), "whole");
        AtomicFiles.writeFolder(folder.resolve("scores"), partial -> {});
        assertEquals(List.of("scores", "table.csv"), names());
        assertEquals("whole", Files.readString(folder.resolve("table.csv")));
    }

    private void startWriter() throws IOException {
        writer = JavaProcess.builder(HalfWriter.class, folder)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals('h', writer.getInputStream().read(), "the process has started to write");
    }

    private void killWriter() throws InterruptedException {
        writer.destroyForcibly();
        assertTrue(writer.waitFor(20, TimeUnit.SECONDS));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
