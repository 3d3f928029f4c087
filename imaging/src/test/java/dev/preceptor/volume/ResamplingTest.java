package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ResamplingTest {
    private static final Grid LINE = Grid.of(new Size(4, 1, 1), 1);

    private static Grid shifted(double x, int count, double spacing) {
        return new Grid(new Size(count, 1, 1), new Affine(spacing, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0));
    }

    @Test
    void resamplingToTheSameGridChangesNothing() {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Grid grid = new Grid(RandomMasks.size(random, 9), RandomImages.affine(random));
            Volume volume = RandomImages.volume(grid, random);
            LabelMap labels = RandomImages.labels(grid, random);
            String where = "seed " + seed;
            assertArrayEquals(volume.voxels(), Resampling.linear(volume, grid).voxels(), where);
            assertArrayEquals(volume.voxels(), Resampling.nearest(volume, grid).voxels(), where);
            assertArrayEquals(labels.voxels(), Resampling.nearest(labels, grid).voxels(), where);
            assertArrayEquals(
                    labels.voxels(), Resampling.perLabelLinear(labels, grid).voxels(), where);
        }
    }

    @Test
    void resamplingToAnotherOrientationReordersVoxels() {
        for (Orientation to : Orientation.all()) {
            SplittableRandom random = new SplittableRandom(5);
            Volume volume = RandomImages.volume(new Grid(new Size(4, 5, 3), Orientation.LPS.affine(1, 1, 2.5)), random);
            Volume reordered = Orientation.reorient(volume, to);
            assertArrayEquals(
                    reordered.voxels(),
                    Resampling.linear(volume, reordered.grid()).voxels(),
                    to.codes());
        }
    }

    @Test
    void aLinearFunctionIsReproducedInsideTheGrid() {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Grid from = new Grid(new Size(7, 8, 9), RandomImages.affine(random));
            Affine toWorld = from.affine();
            float[] voxels = new float[from.size().voxels()];
            for (int k = 0; k < 9; k++) {
                for (int j = 0; j < 8; j++) {
                    for (int i = 0; i < 7; i++) {
                        voxels[from.size().index(i, j, k)] = plane(toWorld.apply(i, j, k));
                    }
                }
            }
            Grid to = new Grid(new Size(6, 5, 4), RandomImages.affine(random));
            Volume out = Resampling.linear(new Volume(from, voxels), to);
            Affine toSource = toWorld.inverse().times(to.affine());
            for (int k = 0; k < 4; k++) {
                for (int j = 0; j < 5; j++) {
                    for (int i = 0; i < 6; i++) {
                        double[] p = toSource.apply(i, j, k);
                        if (isIn(p[0], 7, 0) && isIn(p[1], 8, 0) && isIn(p[2], 9, 0)) {
                            assertEquals(plane(to.affine().apply(i, j, k)), out.at(i, j, k), 1e-3, "seed " + seed);
                        } else if (!(isIn(p[0], 7, 0.51) && isIn(p[1], 8, 0.51) && isIn(p[2], 9, 0.51))) {
                            assertEquals(0, out.at(i, j, k), "seed " + seed);
                        }
                    }
                }
            }
        }
    }

    private static boolean isIn(double coordinate, int extent, double margin) {
        return coordinate >= -margin && coordinate <= extent - 1 + margin;
    }

    private static float plane(double[] p) {
        return (float) (3 * p[0] - 2 * p[1] + 0.5 * p[2] + 100);
    }

    @Nested
    class AtTheBorder {
        private final Volume line = new Volume(LINE, new float[] {10, 20, 30, 40});

        @Test
        void theBorderValueExtendsHalfAVoxelFollowedByZeros() {
            assertArrayEquals(
                    new float[] {0, 10, 10, 15, 20},
                    Resampling.linear(line, shifted(-1, 5, 0.5)).voxels());
            assertArrayEquals(
                    new float[] {40, 40, 0},
                    Resampling.linear(line, shifted(3, 3, 0.5)).voxels());
        }

        @Test
        void halvingTheSpacingKeepsTheFieldOfView() {
            Grid fine = LINE.withSpacing(0.5, 1, 1);
            assertArrayEquals(
                    new float[] {10, 12.5f, 17.5f, 22.5f, 27.5f, 32.5f, 37.5f, 40},
                    Resampling.linear(line, fine).voxels());
        }
    }

    @Nested
    class OfLabels {
        private final LabelMap line = new LabelMap(LINE, new byte[] {0, 0, 2, 2}, LabelSpace.BRATS_2018);

        @Test
        void nearestChoosesTheNearerVoxelAndTheFartherOneAtATie() {
            assertArrayEquals(
                    new byte[] {0, 2, 2},
                    Resampling.nearest(line, shifted(1.4, 3, 0.1)).voxels());
        }

        @Test
        void perLabelLinearChoosesTheLargestWeightAndTheLowestLabelAtATie() {
            assertArrayEquals(
                    new byte[] {0, 0, 2},
                    Resampling.perLabelLinear(line, shifted(1.4, 3, 0.1)).voxels());
        }

        @Test
        void perLabelLinearIsTheArgmaxOfTheLabelsResampledOneByOne() {
            for (long seed = 0; seed < 60; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                LabelMap labels = RandomImages.labels(new Grid(new Size(5, 6, 4), RandomImages.affine(random)), random);
                Grid to = new Grid(new Size(7, 7, 7), labels.grid().affine().times(Affine.scaling(0.61, 0.83, 0.57)));
                byte[] labelsOut = Resampling.perLabelLinear(labels, to).voxels();
                List<float[]> channels = new ArrayList<>();
                for (int label = 0; label < 4; label++) {
                    float[] ones = new float[labels.voxels().length];
                    for (int i = 0; i < ones.length; i++) {
                        ones[i] = labels.voxels()[i] == label ? 1 : 0;
                    }
                    channels.add(ones);
                }
                List<float[]> shares = Resampling.linear(channels, labels.grid(), to);
                for (int i = 0; i < labelsOut.length; i++) {
                    float largest = 0;
                    for (float[] share : shares) {
                        largest = Math.max(largest, share[i]);
                    }
                    assertEquals(largest, shares.get(labelsOut[i])[i], 1e-5, "seed " + seed + " voxel " + i);
                }
            }
        }
    }
}
