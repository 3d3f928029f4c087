package dev.preceptor.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A study in a process of its own that waits to be killed: during its second trial, or, with two jobs, after the first. */
final class KilledStudy {
    private KilledStudy() {}

    static Path mark(Path out) {
        return out.resolveSibling("kill-me");
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
