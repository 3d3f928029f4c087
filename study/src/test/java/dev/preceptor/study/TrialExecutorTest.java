package dev.preceptor.study;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.CohortFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies whose trials run elsewhere. */
@Tag("integration")
class TrialExecutorTest {
    private static final String ONE_FOLD = TinyStudies.TWO_ARMS.replace("count: 2", "count: 2, run: [1]");

    @TempDir
    private Path folder;

    private Path cohort;
    private final TinyStudies.Listener listener = new TinyStudies.Listener();

    @BeforeEach
    void makeCohort() {
        cohort = CohortFixture.brats2021(folder.resolve("cohort"), 4).root();
    }

    private Optional<StudyResult> run(Path out, TrialExecutor executor) {
        return StudyRun.run(
                TinyStudies.study(folder, ONE_FOLD),
                TinyStudies.options(out, cohort, 1),
                listener,
                () -> false,
                executor);
    }

    /** Runs trials in folders of its own, as a machine does that shares no folder with the study. */
    private record Elsewhere(Path root, List<String> names) implements TrialExecutor {
        @Override
        public Optional<byte[]> run(TrialJob job, WorkListener listener, BooleanSupplier stopRequested) {
            TrialJob received = TrialJob.of(job.toBytes());
            assertEquals(job, received);
            names.add(received.name());
            AtomicFiles.createFolder(root);
            return new TrialJob(
                            received.name(),
                            received.fold(),
                            received.recipe(),
                            root.resolve(received.name()),
                            root.resolve(received.name() + ".lock"),
                            received.training(),
                            received.scored(),
                            received.truth(),
                            received.mapping(),
                            received.convention(),
                            received.device(),
                            received.threads(),
                            received.schema(),
                            received.unlabelled(),
                            received.teachers())
                    .run(listener, stopRequested);
        }
    }

    @Test
    void theScoresOfAnotherMachineMakeTheSameStudy() throws IOException {
        StudyResult here = StudyRun.run(
                        TinyStudies.study(folder, ONE_FOLD),
                        TinyStudies.options(folder.resolve("here"), cohort, 1),
                        listener,
                        () -> false)
                .orElseThrow();
        Elsewhere executor =
                new Elsewhere(folder.resolve("elsewhere"), Collections.synchronizedList(new ArrayList<>()));
        Path out = folder.resolve("there");
        assertEquals(here, run(out, executor).orElseThrow());
        assertEquals(List.of("alone-fold1-seed1", "taught-fold1-seed1"), executor.names());
        for (String name : executor.names()) {
            assertArrayEquals(
                    TrialScores.bytes(folder.resolve("here/cells").resolve(name)),
                    TrialScores.bytes(out.resolve("cells").resolve(name)),
                    name);
        }
        assertTrue(Files.exists(out.resolve("report/index.html")));
        run(out, executor);
        assertEquals(2, executor.names().size(), "finished trials are not run again");
    }

    @Test
    void anUnexpectedErrorOfOneTrialStopsTheOthersBeforeTheStudyEnds() {
        CountDownLatch isRunning = new CountDownLatch(1);
        AtomicBoolean hasStopped = new AtomicBoolean();
        AssertionError unexpected = new AssertionError("unexpected");
        TrialExecutor executor = (job, work, stop) -> {
            try {
                if (job.name().startsWith("taught")) {
                    assertTrue(isRunning.await(60, TimeUnit.SECONDS));
                    throw unexpected;
                }
                isRunning.countDown();
                for (int i = 0; i < 6000 && !stop.getAsBoolean(); i++) {
                    Thread.sleep(10);
                }
                hasStopped.set(stop.getAsBoolean());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return Optional.empty();
        };
        AssertionError thrown = assertThrows(
                AssertionError.class,
                () -> StudyRun.run(
                        TinyStudies.study(folder, ONE_FOLD),
                        TinyStudies.options(folder.resolve("out"), cohort, 2),
                        listener,
                        () -> false,
                        executor));
        assertSame(unexpected, thrown);
        assertTrue(hasStopped.get());
    }

    @Test
    void whatIsNotTheScoresOfTheTrialFailsItAlone() {
        Elsewhere executor = new Elsewhere(folder.resolve("elsewhere"), new ArrayList<>());
        List<byte[]> first = new ArrayList<>();
        Path out = folder.resolve("out");
        StudyResult result = run(out, (job, work, stop) -> {
                    if (first.isEmpty()) {
                        first.add(executor.run(job, work, stop).orElseThrow());
                    }
                    return Optional.of(first.get(0));
                })
                .orElseThrow();
        assertEquals(1, result.failed().size());
        String error = result.failed().get(0).error();
        assertTrue(error.startsWith("what came back are the scores of alone-fold1-seed1 with"), error);
        assertFalse(Files.exists(out.resolve("cells/taught-fold1-seed1/scores")));
        StudyResult again = run(out, (job, work, stop) -> Optional.of("oops".getBytes(UTF_8)))
                .orElseThrow();
        assertTrue(again.failed().get(0).error().startsWith("what came back is not a file of scores: "), "no JSON");
    }

    @Test
    void aTrialThatItsExecutorStopsIsNamedAsUnfinished() {
        StudyResult result = run(folder.resolve("out"), (job, work, stop) -> Optional.empty())
                .orElseThrow();
        assertEquals(2, result.failed().size());
        assertEquals(
                "was stopped before its end; run the study again to resume it",
                result.failed().get(0).error());
    }

    @Test
    void anEmptyFileOfScoresIsRefusedInOneLine() throws IOException {
        Path scores = folder.resolve("out/cells/alone-fold1-seed1/scores");
        Files.createDirectories(scores);
        Files.writeString(scores.resolve("cell.json"), "");
        String message = assertThrows(PreceptorException.class, () -> TrialScores.in(scores.getParent()))
                .getMessage();
        assertTrue(message.startsWith(scores.resolve("cell.json") + ": is not a file of scores; "), message);
    }

    @Test
    void bytesThatAreNoJobAreRefusedInOneLine() {
        for (String text : List.of("", "[]", "{\"name\": 3}", "\u0000")) {
            String message = assertThrows(PreceptorException.class, () -> TrialJob.of(text.getBytes(UTF_8)))
                    .getMessage();
            assertTrue(message.startsWith("these bytes are not a job of a study: "), message);
            assertEquals(1, message.lines().count(), message);
        }
    }
}
