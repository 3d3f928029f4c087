package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TrialQueueTest {
    @TempDir
    private Path folder;

    private List<Trial> trials() {
        return TinyStudies.study(folder, """
                seeds: [1, 2]
                folds: {count: 2, run: [1]}
                arms:
                  - {name: second, recipe: kd-net-small, teachersOf: first}
                  - {name: third, recipe: kd-net-small, teachersOf: first}
                  - {name: first, recipe: kd-net-small}
                """).trials();
    }

    @Test
    void aTrialComesAfterTheOneThatTrainsItsTeachers() {
        TrialQueue queue = new TrialQueue(trials());
        List<String> order = new ArrayList<>();
        for (Optional<Trial> next = queue.next(); next.isPresent(); next = queue.next()) {
            order.add(next.get().name());
            queue.ended(next.get());
        }
        assertEquals(
                List.of(
                        "first-fold1-seed1",
                        "second-fold1-seed1",
                        "third-fold1-seed1",
                        "first-fold1-seed2",
                        "second-fold1-seed2",
                        "third-fold1-seed2"),
                order);
    }

    @Test
    void whatIsReadyDoesNotWaitForWhatRuns() {
        TrialQueue queue = new TrialQueue(trials());
        assertEquals("first-fold1-seed1", queue.next().orElseThrow().name());
        assertEquals("first-fold1-seed2", queue.next().orElseThrow().name());
    }

    @Test
    void ifNothingIsReadyItWaitsForTheEndOfARunningOne() throws Exception {
        TrialQueue queue = new TrialQueue(trials());
        Trial one = queue.next().orElseThrow();
        Trial two = queue.next().orElseThrow();
        FutureTask<Optional<Trial>> waiting = new FutureTask<>(queue::next);
        Thread worker = new Thread(waiting);
        worker.start();
        while (worker.getState() != Thread.State.WAITING) {
            assertFalse(waiting.isDone(), "it does not wait");
            Thread.sleep(1);
        }
        queue.ended(two);
        assertEquals(
                "second-fold1-seed2",
                waiting.get(30, TimeUnit.SECONDS).orElseThrow().name());
        queue.ended(one);
        assertEquals("second-fold1-seed1", queue.next().orElseThrow().name());
    }

    @Test
    void teachersOfAnEarlierCallAreThere() {
        List<Trial> rest = trials().subList(0, 2);
        TrialQueue queue = new TrialQueue(rest);
        assertEquals("second-fold1-seed1", queue.next().orElseThrow().name());
        assertEquals("third-fold1-seed1", queue.next().orElseThrow().name());
        assertTrue(queue.next().isEmpty());
    }
}
