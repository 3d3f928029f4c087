package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VoxelRunsTest {

    @Test
    void runsAreTheVoxelsOfTheMaskAndEndWithTheirRow() {
        for (int seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int row = 1 + random.nextInt(70);
            BitSet mask = new BitSet();
            for (int i = 0; i < 10 * row; i++) {
                mask.set(i, random.nextInt(seed + 1) > 0);
            }
            List<List<Integer>> expected = new ArrayList<>();
            for (int i = 0; i < 10 * row; i++) {
                if (mask.get(i) && i % row > 0 && mask.get(i - 1)) {
                    expected.set(
                            expected.size() - 1,
                            List.of(expected.get(expected.size() - 1).get(0), i + 1));
                } else if (mask.get(i)) {
                    expected.add(List.of(i, i + 1));
                }
            }
            List<List<Integer>> runs = new ArrayList<>();
            VoxelRuns.forEach(mask, row, (start, end) -> runs.add(List.of(start, end)));
            assertEquals(expected, runs, "seed " + seed);
        }
    }

    @Test
    void fullAndNearlyEmptyMasksTakeTimeInProportionToTheirWords() {
        Size size = new Size(300, 300, 300);
        BitSet full = new BitSet();
        full.set(0, size.voxels());
        BitSet lastOnly = new BitSet();
        lastOnly.set(size.voxels() - 1);
        assertTimeout(Duration.ofSeconds(20), () -> {
            assertEquals(size, Box.around(full, size).orElseThrow().size());
            assertEquals(
                    1, ConnectedComponents.of(full, size, Connectivity.FACES).count());
            assertEquals(
                    1,
                    ConnectedComponents.of(lastOnly, size, Connectivity.FACES).count());
            double[] squared = DistanceTransform.squaredAt(lastOnly, lastOnly, size, new double[] {1, 1, 1});
            assertEquals(0, squared[0]);
        });
    }
}
