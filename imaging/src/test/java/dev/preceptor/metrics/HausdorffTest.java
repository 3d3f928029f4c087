package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.RandomMasks;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HausdorffTest {

    @Test
    void isUndefinedIfBothMasksAreEmptyAndInfiniteIfOneIs() {
        Grid grid = Grid.of(Size.cube(4), 1);
        BitSet one = new BitSet();
        one.set(5);
        for (Hausdorff variant : Hausdorff.values()) {
            assertTrue(Double.isNaN(variant.of(new BitSet(), new BitSet(), grid)));
            assertEquals(Double.POSITIVE_INFINITY, variant.of(one, new BitSet(), grid));
            assertEquals(Double.POSITIVE_INFINITY, variant.of(new BitSet(), one, grid));
            assertEquals(0, variant.of(one, one, grid));
        }
    }

    @Test
    void agreesWithComparingEveryPairOfSurfaceVoxels() {
        for (int seed = 0; seed < 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Size size = RandomMasks.size(random, 10);
            BitSet a = RandomMasks.mask(random, size);
            BitSet b = RandomMasks.mask(random, size);
            double[] spacing = {0.5 + random.nextDouble(), 0.5 + random.nextDouble(), 1};
            Grid grid = new Grid(size, Affine.scaling(spacing[0], spacing[1], spacing[2]));
            List<double[]> surfaceA = surface(a, size, spacing);
            List<double[]> surfaceB = surface(b, size, spacing);
            List<Double> fromA = distances(surfaceA, surfaceB);
            List<Double> fromB = distances(surfaceB, surfaceA);
            List<Double> pooled = new ArrayList<>(fromA);
            pooled.addAll(fromB);
            assertEquals(percentile(pooled), Hausdorff.HD95_MEDPY.of(a, b, grid), 1e-9, "seed " + seed);
            assertEquals(
                    Math.max(percentile(fromA), percentile(fromB)),
                    Hausdorff.HD95_MONAI.of(a, b, grid),
                    1e-9,
                    "seed " + seed);
            for (Hausdorff variant : Hausdorff.values()) {
                assertEquals(variant.of(a, b, grid), variant.of(b, a, grid), 1e-12, variant + ", seed " + seed);
            }
        }
    }

    @Test
    void measuresAShiftAlongAnAxisInMillimetres() {
        Grid grid = new Grid(Cubes.SIZE, Affine.scaling(1, 1, 2.5));
        BitSet reference = new Cubes().cube(8, 10, 10, 10).mask();
        BitSet shifted = new Cubes().cube(8, 10, 10, 13).mask();
        for (Hausdorff variant : Hausdorff.values()) {
            assertEquals(7.5, variant.of(shifted, reference, grid), 1e-12, variant.name());
        }
    }

    private static List<double[]> surface(BitSet mask, Size size, double[] spacing) {
        List<double[]> points = new ArrayList<>();
        mask.stream().forEach(i -> {
            int x = i % size.x();
            int y = i / size.x() % size.y();
            int z = i / size.x() / size.y();
            int[][] steps = {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}};
            for (int[] s : steps) {
                int u = x + s[0];
                int v = y + s[1];
                int w = z + s[2];
                boolean outside = u < 0 || v < 0 || w < 0 || u >= size.x() || v >= size.y() || w >= size.z();
                if (outside || !mask.get(size.index(u, v, w))) {
                    points.add(new double[] {x * spacing[0], y * spacing[1], z * spacing[2]});
                    return;
                }
            }
        });
        return points;
    }

    private static List<Double> distances(List<double[]> from, List<double[]> to) {
        List<Double> nearest = new ArrayList<>();
        for (double[] a : from) {
            double best = Double.POSITIVE_INFINITY;
            for (double[] b : to) {
                best = Math.min(best, Math.hypot(Math.hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]));
            }
            nearest.add(best);
        }
        return nearest;
    }

    private static double percentile(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        double position = 0.95 * (sorted.size() - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) * (1 - (position - below)) + sorted.get(above) * (position - below);
    }
}
