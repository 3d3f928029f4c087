package dev.preceptor.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
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
    void afterAFailureRunningCallsEndUninterruptedAndWaitingOnesAreDropped() {
        CountDownLatch isRunning = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger began = new AtomicInteger();
        PreceptorException failure = new PreceptorException("subject 0 is broken");
        DaemonThreads.of("opener", () -> {
                    await(isRunning);
                    pause(200);
                    mayEnd.countDown();
                })
                .start();
        assertSame(
                failure,
                assertThrows(
                        PreceptorException.class,
                        () -> Parallel.map(ITEMS.subList(0, 20), 2, i -> {
                            began.incrementAndGet();
                            if (i == 0) {
                                await(isRunning);
                                throw failure;
                            }
                            isRunning.countDown();
                            if (await(mayEnd)) {
                                ended.incrementAndGet();
                            }
                            return i;
                        })));
        assertEquals(began.get() - 1, ended.get(), "calls that were running when one failed");
        assertTrue(began.get() < 20, "began " + began);
    }

    @Test
    void anInterruptOfTheCallerReachesRunningCallsWhichHaveEndedWhenItReturns() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch areRunning = new CountDownLatch(2);
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        Thread caller = DaemonThreads.of("caller", () -> {
            PreceptorException interrupted = assertThrows(
                    PreceptorException.class,
                    () -> Parallel.map(ITEMS, 2, i -> {
                        areRunning.countDown();
                        await(never);
                        pause(100);
                        return ended.incrementAndGet();
                    }));
            if (interrupted.getMessage().equals("interrupted")
                    && Thread.currentThread().isInterrupted()) {
                seen.set(ended.get());
            }
        });
        caller.start();
        assertTrue(areRunning.await(20, TimeUnit.SECONDS));
        caller.interrupt();
        caller.join(20_000);
        assertEquals(2, seen.get());
    }

    /** False if the thread is interrupted first. */
    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
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
