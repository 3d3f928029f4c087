package dev.preceptor.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A training in a process of its own, slowed down after its second step of an epoch so that a test can kill it there. */
final class KilledRun {
    private static final String MARK = "in-mid-epoch";

    private KilledRun() {}

    static boolean isMidEpoch(Path run) {
        return Files.exists(run.resolveSibling(MARK));
    }

    public static void main(String[] arguments) throws IOException {
        Path run = Path.of(arguments[2]);
        AtomicInteger asked = new AtomicInteger();
        TinyRuns.train(Recipe.load(arguments[0], List.of()), Path.of(arguments[1]), run, false, () -> {
            // 3 steps an epoch: the question before step 12 comes in the middle of the fourth.
            if (asked.incrementAndGet() == 12) {
                mark(run.resolveSibling(MARK));
            }
            return false;
        });
    }

    private static void mark(Path file) {
        try {
            Files.createFile(file);
            Thread.sleep(60_000);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
