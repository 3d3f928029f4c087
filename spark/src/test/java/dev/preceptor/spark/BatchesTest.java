package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
    @Test
    void manyItemsMakeTasksOfTwentyToFifty() {
        assertEquals(50, Batches.size(500, 2));
        assertEquals(20, Batches.size(100, 2));
        assertEquals(50, Batches.size(1_000_000, 1000));
    }

    @Test
    void fewItemsAreSpreadOverAllPlaces() {
        assertEquals(5, Batches.size(10, 2));
        assertEquals(1, Batches.size(1, 8));
    }

    @Test
    void batchesHoldEachItemOnceInOrder() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Integer> items =
                    IntStream.range(0, random.nextInt(400)).boxed().toList();
            List<List<Integer>> batches = Batches.of(items, 1 + random.nextInt(20));
            assertEquals(items, batches.stream().flatMap(List::stream).toList(), "seed " + seed);
            assertTrue(batches.stream().allMatch(batch -> !batch.isEmpty() && batch.size() <= 50), "seed " + seed);
        }
    }
}
