package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DistanceTransformTest {

    @Test
    void agreesWithTheDistancesToAllMarkedVoxels() {
        for (int seed = 0; seed < 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = RandomMasks.size(random, 9);
            BitSet marked = RandomMasks.mask(random, size);
            double[] spacing = seed % 2 == 0
                    ? new double[] {1, 1, 1}
                    : new double[] {0.3 + random.nextDouble(), 0.3 + 3 * random.nextDouble(), 1.5};
            double[] squared = DistanceTransform.squared(marked, size, spacing);
            for (int i = 0; i < squared.length; i++) {
                assertEquals(nearest(i, marked, size, spacing), squared[i], 1e-9, "seed " + seed + ", voxel " + i);
            }
        }
    }

    @Test
    void agreesAtSomeVoxelsWithTheFullTransform() {
        for (int seed = 0; seed < 80; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = new Size(1 + random.nextInt(50), 1 + random.nextInt(40), 1 + random.nextInt(30));
            BitSet marked = new BitSet();
            BitSet from = new BitSet();
            for (int i = 0; i < 1 + random.nextInt(12); i++) {
                marked.set(random.nextInt(size.voxels()));
                from.set(random.nextInt(size.voxels()));
            }
            double[] spacing = seed % 2 == 0
                    ? new double[] {1, 1, 1}
                    : new double[] {0.3 + random.nextDouble(), 0.3 + 3 * random.nextDouble(), 1.5};
            double[] all = DistanceTransform.squared(marked, size, spacing);
            double[] some = DistanceTransform.squaredAt(from, marked, size, spacing);
            int[] indices = from.stream().toArray();
            assertEquals(indices.length, some.length);
            for (int i = 0; i < indices.length; i++) {
                assertEquals(all[indices[i]], some[i], 1e-9, "seed " + seed + ", voxel " + indices[i]);
            }
        }
    }

    @Test
    void isInfiniteWhereNothingIsMarked() {
        double[] squared = DistanceTransform.squared(new BitSet(), new Size(2, 3, 4), new double[] {1, 1, 1});
        assertTrue(Arrays.stream(squared).allMatch(Double::isInfinite));
    }

    @Test
    void isIntegralOnAUnitGrid() {
        BitSet marked = new BitSet();
        marked.set(0);
        Size size = Size.cube(40);
        double[] squared = DistanceTransform.squared(marked, size, new double[] {1, 1, 1});
        assertEquals(3 * 39 * 39, squared[size.voxels() - 1]);
        assertTrue(Arrays.stream(squared).allMatch(d -> d == Math.rint(d)));
    }

    private static double nearest(int from, BitSet marked, Size size, double[] spacing) {
        return marked.stream()
                .mapToDouble(to -> squaredDistance(from, to, size, spacing))
                .min()
                .orElseThrow();
    }

    private static double squaredDistance(int a, int b, Size size, double[] spacing) {
        double x = (a % size.x() - b % size.x()) * spacing[0];
        double y = (a / size.x() % size.y() - b / size.x() % size.y()) * spacing[1];
        double z = (a / size.x() / size.y() - b / size.x() / size.y()) * spacing[2];
        return x * x + y * y + z * z;
    }
}
