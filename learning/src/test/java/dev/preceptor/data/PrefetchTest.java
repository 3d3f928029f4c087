package dev.preceptor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.Size;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PrefetchTest {
    private static final int MANY = 1000;

    private static HostBatch patch(int step, Optional<HostBatch> spare) {
        float[] images = spare.map(HostBatch::images).orElseGet(() -> new float[1]);
        images[0] = step;
        return new HostBatch(
                List.of(new PatchDescription("s" + step, Optional.empty(), List.of(), true)),
                Size.cube(1),
                images,
                new byte[1]);
    }

    @Test
    void batchesComeInOrderHoweverLongEachTakes() {
        Prefetch.Source source = (step, spare) -> {
            pause(step % 3 == 0 ? 8 : 1);
            return patch(step, spare);
        };
        try (Prefetch batches = new Prefetch(source, 5, 60, 4, MANY)) {
            for (int step = 5; step < 60; step++) {
                HostBatch hostBatch = batches.take();
                assertEquals(step, hostBatch.images()[0]);
                assertEquals(List.of("s" + step), hostBatch.subjects());
            }
        }
    }

    @Test
    void atMostTwoBatchesMoreThanThreadsAreInMemory() {
        Set<float[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        AtomicInteger ahead = new AtomicInteger();
        Prefetch.Source source = (step, spare) -> {
            ahead.incrementAndGet();
            HostBatch hostBatch = patch(step, spare);
            synchronized (arrays) {
                arrays.add(hostBatch.images());
            }
            return hostBatch;
        };
        try (Prefetch batches = new Prefetch(source, 0, 100, 3, MANY)) {
            for (int step = 0; step < 100; step++) {
                batches.take();
                assertTrue(ahead.get() <= step + 1 + 4, "at most one batch more than threads ahead");
            }
        }
        assertTrue(arrays.size() <= 5, arrays.size() + " arrays");
    }

    @Test
    void fewerBatchesAreInMemoryIfTheyAreLimited() {
        Set<float[]> arrays = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        Prefetch.Source source = (step, spare) -> {
            HostBatch hostBatch = patch(step, spare);
            arrays.add(hostBatch.images());
            return hostBatch;
        };
        try (Prefetch batches = new Prefetch(source, 0, 200, 16, 4)) {
            for (int step = 0; step < 200; step++) {
                assertEquals(step, batches.take().images()[0]);
            }
        }
        assertTrue(arrays.size() <= 4, arrays.size() + " arrays");
    }

    @Test
    void anExceptionOfTheSourceIsThrownInPlaceOfItsBatch() {
        PreceptorException broken = new PreceptorException("subject 7 is broken");
        Prefetch.Source source = (step, spare) -> {
            if (step == 3) {
                throw broken;
            }
            return patch(step, spare);
        };
        try (Prefetch batches = new Prefetch(source, 0, 10, 2, MANY)) {
            for (int step = 0; step < 3; step++) {
                batches.take();
            }
            assertSame(broken, assertThrows(PreceptorException.class, batches::take));
        }
    }

    @Test
    void closingEndsTheThreadsWithoutInterruptingThem() {
        Set<Thread> threads = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        AtomicInteger interrupted = new AtomicInteger();
        Prefetch.Source source = (step, spare) -> {
            threads.add(Thread.currentThread());
            pause(20);
            interrupted.addAndGet(Thread.interrupted() ? 1 : 0);
            return patch(step, spare);
        };
        try (Prefetch batches = new Prefetch(source, 0, 1000, 3, MANY)) {
            batches.take();
        }
        assertEquals(0, interrupted.get());
        for (Thread thread : threads) {
            join(thread);
            assertFalse(thread.isAlive());
        }
    }

    @Test
    void anInterruptWhileWaitingIsAnExceptionAndStaysSet() {
        try (Prefetch batches = new Prefetch(
                (step, spare) -> {
                    pause(300);
                    return patch(step, spare);
                },
                0,
                3,
                1,
                MANY)) {
            Thread.currentThread().interrupt();
            assertThrows(PreceptorException.class, batches::take);
            assertTrue(Thread.interrupted(), "the interrupt flag stays set");
        }
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
