package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
    private static final List<Integer> ITEMS = IntStream.range(0, 200).boxed().toList();

    @Test
    void resultsKeepTheOrderOfTheItems() {
        assertEquals(ITEMS, Parallel.map(ITEMS, 4, i -> i));
        assertEquals(ITEMS, Parallel.map(ITEMS, 1, i -> i));
    }

    @Test
    void atMostTheGivenNumberOfThreadsWork() {
        AtomicInteger busy = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Parallel.map(ITEMS, 3, i -> {
            most.accumulateAndGet(busy.incrementAndGet(), Math::max);
            Thread.yield();
            return busy.decrementAndGet();
        });
        assertTrue(most.get() <= 3, most + " at once");
    }

    @Test
    void theFailureOfTheEarliestItemIsThrownUnchanged() {
        PreceptorException failure = new PreceptorException("subject 7 is broken");
        assertSame(
                failure,
                assertThrows(
                        PreceptorException.class,
                        () -> Parallel.map(ITEMS, 2, i -> {
                            if (i == 7) {
                                throw failure;
                            }
                            return i;
                        })));
    }

    @Test
    void aTaskIsAwaitedInSpiteOfAnInterruptWhichStays() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        FutureTask<String> task = new FutureTask<>(() -> {
            mayEnd.await();
            return "ended";
        });
        Thread worker = new Thread(task);
        worker.start();
        Thread.currentThread().interrupt();
        assertThrows(PreceptorException.class, () -> Parallel.result(task));
        assertTrue(Thread.currentThread().isInterrupted());
        new Thread(mayEnd::countDown).start();
        assertEquals(Optional.of("ended"), Parallel.finished(task));
        assertTrue(Thread.interrupted());
    }

    @Test
    void whatATaskThrewIsThrownAgainOrLeavesNoResult() {
        PreceptorException failure = new PreceptorException("broken");
        FutureTask<String> task = new FutureTask<>(() -> {
            throw failure;
        });
        task.run();
        assertSame(failure, assertThrows(PreceptorException.class, () -> Parallel.result(task)));
        assertEquals(Optional.empty(), Parallel.finished(task));
    }
}
