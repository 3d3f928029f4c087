package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full delays lines and checkpoints, but never ends a training. */
@Tag("integration")
class FullDiskTest {
    private static final Recipe RECIPE = TinyRuns.recipe("baseline-small", "optimization.epochs=6");

    @TempDir
    private static Path shared;

    private static Path cohort;
    private static Path whole;

    private final List<String> notices = new ArrayList<>();

    @BeforeAll
    static void trainUndisturbed() {
        Torch.open();
        cohort = TinyRuns.cohort(shared.resolve("cohort"), 4);
        whole = shared.resolve("whole");
        TinyRuns.train(RECIPE, cohort, whole, false, () -> false);
    }

    @Test
    void aTrainingContinuesOnAFullDiskAndEndsWithTheSameBytes(@TempDir Path folder) throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 2)) {
            Path run = disk.root().resolve("run");
            List<String> whileFull = new ArrayList<>();
            TrainingResult result = train(run, false, event -> {
                if (isEnd(event, 2)) {
                    disk.fill();
                } else if (isEnd(event, 4)) {
                    whileFull.addAll(checkpoints(run));
                    disk.empty();
                }
            });
            assertTrue(result.finished());
            assertEquals(List.of("000003"), whileFull, "the last good one, and no incomplete one beside it");
            String refused = notices.stream()
                    .filter(n -> n.startsWith("no checkpoint"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(refused.contains("No space left on device"), refused);
            assertTrue(refused.contains("the last good one is " + run.resolve("checkpoints/000003")), refused);
            assertTrue(refused.contains("tries again"), refused);
            assertTrue(refused.matches(".* \\(it needs [0-9.]+ .B, [0-9.]+ .B are free\\).*"), refused);
            assertHeard("checkpoints are written again");
            TinyRuns.assertSame(whole, run);
        }
    }

    @Test
    void aModelThatDoesNotFitIsReportedInOneLineAndTheRunIsResumed(@TempDir Path folder) throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 2)) {
            Path run = disk.root().resolve("run");
            PreceptorException full = assertThrows(
                    PreceptorException.class,
                    () -> train(run, false, event -> {
                        if (isEnd(event, 5)) {
                            disk.fill();
                        }
                    }));
            assertTrue(full.getMessage().contains("student.safetensors: cannot be written"), full.getMessage());
            assertTrue(full.getMessage().contains("--resume"), full.getMessage());
            assertEquals(1, full.getMessage().lines().count(), full.getMessage());
            disk.empty();
            assertTrue(train(run, true, event -> {}).finished());
            TinyRuns.assertSame(whole, run);
        }
    }

    /** Without a disk to fill: obstacles in place of the files make every write fail like a full disk. */
    @Test
    void aTrainingContinuesIfItsFilesCannotBeWritten(@TempDir Path folder) {
        Path run = folder.resolve("run");
        List<String> obstacles = List.of("checkpoints", "metrics.jsonl", "tensorboard");
        TrainingResult result = train(run, false, event -> {
            if (isEnd(event, 2)) {
                obstacles.forEach(name -> obstruct(run, name));
            } else if (isEnd(event, 4)) {
                obstacles.forEach(name -> clear(run, name));
            }
        });
        assertTrue(result.finished());
        assertHeard("no checkpoint of step 6");
        assertHeard("its lines wait in memory");
        assertHeard("metrics.jsonl is written again");
        assertHeard("TensorBoard misses points");
        assertHeard("checkpoints are written again");
        TinyRuns.assertSame(whole, run);
    }

    @Test
    void aStopWithoutACheckpointResumesFromTheOneBefore(@TempDir Path folder) {
        Path run = folder.resolve("run");
        boolean[] stop = {false};
        TrainingResult stopped = Training.run(
                new TrainingJob(RECIPE, cohort, run, Optional.empty(), false, "cpu", 1),
                event -> {
                    note(event);
                    if (isEnd(event, 3)) {
                        obstruct(run, "checkpoints");
                        stop[0] = true;
                    }
                },
                () -> stop[0]);
        assertFalse(stopped.finished());
        assertHeard("--resume continues from there");
        clear(run, "checkpoints");
        assertTrue(train(run, true, event -> {}).finished());
        TinyRuns.assertSame(whole, run);
    }

    private TrainingResult train(Path run, boolean resume, Consumer<TrainingEvent> listener) {
        Consumer<TrainingEvent> note = this::note;
        return Training.run(
                new TrainingJob(RECIPE, cohort, run, Optional.empty(), resume, "cpu", 1),
                note.andThen(listener),
                () -> false);
    }

    private void note(TrainingEvent event) {
        if (event instanceof TrainingEvent.Notice notice) {
            notices.add(notice.line());
        }
    }

    private void assertHeard(String part) {
        assertTrue(notices.stream().anyMatch(line -> line.contains(part)), () -> part + " in " + notices);
    }

    private static boolean isEnd(TrainingEvent event, int epoch) {
        return event instanceof TrainingEvent.EpochEnded ended && ended.epoch() == epoch;
    }

    /** A folder where a file should be, a file where a folder should be. */
    private static void obstruct(Path run, String name) {
        try {
            Path place = run.resolve(name);
            boolean folder = Files.isDirectory(place);
            Files.move(place, run.resolve(name + "-aside"));
            if (folder) {
                Files.createFile(place);
            } else {
                Files.createDirectory(place);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void clear(Path run, String name) {
        try {
            Files.delete(run.resolve(name));
            Files.move(run.resolve(name + "-aside"), run.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> checkpoints(Path run) {
        try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
