package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What processes that are killed while they write leave behind, and when it goes. */
class KilledWriteTest {
    @TempDir
    private Path folder;

    private Process writer;

    /** Writes a file and a folder half and waits; run in a JVM of its own. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[0]);
            AtomicFiles.writeFolder(folder.resolve("scores"), aside -> {
                AtomicFiles.writeString(aside.resolve("whole.txt"), "whole");
                AtomicFiles.write(folder.resolve("table.csv"), out -> {
                    out.write(new byte[1 << 17]);
                    System.out.println("half");
                    await();
                });
            });
        }

        private static void await() {
            try {
                Thread.sleep(120_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @AfterEach
    void end() {
        if (writer != null) {
            writer.destroyForcibly();
        }
    }

    @Test
    void whatALivingProcessWritesIsLeftAlone() throws Exception {
        begin();
        List<String> before = names();
        assertEquals(2, before.size(), before.toString());
        AtomicFiles.sweep(folder);
        assertEquals(before, names());
        AtomicFiles.writeString(folder.resolve("table.csv"), "mine");
        assertEquals(3, names().size(), names().toString());
    }

    @Test
    void whatAKilledProcessLeftIsSwept() throws Exception {
        begin();
        kill();
        assertEquals(2, names().size());
        Path mine = Files.writeString(folder.resolve(".download.part"), "of somebody else");
        AtomicFiles.sweep(folder);
        assertEquals(List.of(mine.getFileName().toString()), names());
    }

    @Test
    void theNextWriteOfTheSameTargetRemovesWhatAKilledOneLeft() throws Exception {
        begin();
        kill();
        AtomicFiles.writeString(folder.resolve("table.csv"), "whole");
        AtomicFiles.writeFolder(folder.resolve("scores"), aside -> {});
        assertEquals(List.of("scores", "table.csv"), names());
        assertEquals("whole", Files.readString(folder.resolve("table.csv")));
    }

    private void begin() throws IOException {
        writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals('h', writer.getInputStream().read(), "the process has begun to write");
    }

    private void kill() throws InterruptedException {
        writer.destroyForcibly();
        assertTrue(writer.waitFor(20, TimeUnit.SECONDS));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
