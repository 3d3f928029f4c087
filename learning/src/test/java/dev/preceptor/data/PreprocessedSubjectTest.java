package dev.preceptor.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.data.Preprocessing.CropMode;
import dev.preceptor.data.Preprocessing.Normalisation;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PreprocessedSubjectTest {
    private static final List<String> ORIENTATIONS = List.of("LPS", "RAS", "SAL", "PIR", "ILA", "ASR");
    private static final int TRIALS = 60;

    private static Preprocessing raw(
            String orientation, double spacing, CropMode crop, List<Integer> size, int stride) {
        return new Preprocessing(orientation, spacing, Normalisation.RAW, crop, List.of(), size, stride, List.of());
    }

    /** A slightly oblique grid with a random axis order and random directions, and voxels of 0.7 to 2 mm. */
    private static Grid randomGrid(SplittableRandom random, int least, int most) {
        Size size = new Size(
                random.nextInt(least, most + 1), random.nextInt(least, most + 1), random.nextInt(least, most + 1));
        int[] axes = {0, 1, 2};
        for (int i = 2; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = axes[i];
            axes[i] = axes[j];
            axes[j] = swapped;
        }
        double[][] matrix = new double[3][4];
        for (int column = 0; column < 3; column++) {
            double edge = random.nextDouble(0.7, 2);
            matrix[axes[column]][column] = random.nextBoolean() ? edge : -edge;
            matrix[column][3] = random.nextDouble(-100, 100);
        }
        double angle = random.nextDouble(-0.2, 0.2);
        Affine tilt =
                new Affine(Math.cos(angle), -Math.sin(angle), 0, 0, Math.sin(angle), Math.cos(angle), 0, 0, 0, 0, 1, 0);
        return new Grid(size, tilt.times(Affine.of(matrix)));
    }

    private static Volume noise(Grid grid, SplittableRandom random, double shareOfZeros) {
        float[] voxels = new float[grid.size().voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = random.nextDouble() < shareOfZeros ? 0 : (float) random.nextDouble(-1, 1);
        }
        return new Volume(grid, voxels);
    }

    /** A field that is linear in world coordinates and far from 0. */
    private static double field(double[] world) {
        return 2000 + world[0] - 2 * world[1] + 3 * world[2];
    }

    private static Volume linear(Grid grid) {
        Size size = grid.size();
        float[] voxels = new float[size.voxels()];
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                for (int x = 0; x < size.x(); x++) {
                    voxels[size.index(x, y, z)] = (float) field(grid.affine().apply(x, y, z));
                }
            }
        }
        return new Volume(grid, voxels);
    }

    @Test
    void invertingReorientationAndBrainCropRestoresEveryBit() {
        for (int seed = 0; seed < TRIALS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Grid grid = randomGrid(random, 3, 9);
            Volume first = noise(grid, random, 0.97);
            Volume second = noise(grid, random, 0.97);
            first.voxels()[random.nextInt(first.voxels().length)] = 1;
            String orientation = ORIENTATIONS.get(seed % ORIENTATIONS.size());
            PreprocessedSubject preprocessedSubject =
                    raw(orientation, 0, CropMode.BRAIN, List.of(), 1).prepare(List.of(first, second));
            List<float[]> restored = preprocessedSubject.images().stream()
                    .map(preprocessedSubject::invert)
                    .toList();
            assertArrayEquals(first.voxels(), restored.get(0), "seed " + seed);
            assertArrayEquals(second.voxels(), restored.get(1), "seed " + seed);
        }
    }

    @Test
    void invertingACentreCropRestoresItsInsideAndGivesZeroOutside() {
        for (int seed = 0; seed < TRIALS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Grid grid = randomGrid(random, 2, 9);
            Volume volume = noise(grid, random, 0);
            PreprocessedSubject preprocessedSubject =
                    raw("LPS", 0, CropMode.CENTRE, List.of(5, 4, 6), 1).prepare(List.of(volume));
            assertEquals(new Size(5, 4, 6), preprocessedSubject.grid().size());
            float[] restored =
                    preprocessedSubject.invert(preprocessedSubject.images().get(0));
            Affine toModel = preprocessedSubject.grid().affine().inverse().times(grid.affine());
            Size size = grid.size();
            for (int i = 0; i < restored.length; i++) {
                double[] at = toModel.apply(i % size.x(), i / size.x() % size.y(), i / size.x() / size.y());
                boolean inside =
                        at[0] > -0.5 && at[0] < 4.5 && at[1] > -0.5 && at[1] < 3.5 && at[2] > -0.5 && at[2] < 5.5;
                assertEquals(inside ? volume.voxels()[i] : 0, restored[i], "seed " + seed + ", voxel " + i);
            }
        }
    }

    /** PyTorch's nearest resize (docs/reference/conventions.md): 5 to 3 takes the voxels 0, 1, 3; 240 to 128 starts 0, 1, 3, 5, 7. */
    @Test
    void resizingTakesTheNearestVoxel() {
        Grid grid =
                new Grid(new Size(240, 6, 9), Affine.of(new double[][] {{-1, 0, 0, 0}, {0, -1, 0, 0}, {0, 0, 1, 0}}));
        float[] voxels = new float[grid.size().voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = i;
        }
        PreprocessedSubject preprocessedSubject = new Preprocessing(
                        "LPS",
                        0,
                        Normalisation.RAW,
                        CropMode.BOX,
                        List.of(0, 1, 3),
                        List.of(240, 5, 6),
                        1,
                        List.of(128, 3, 12))
                .prepare(List.of(new Volume(grid, voxels)));
        assertEquals(new Size(128, 3, 12), preprocessedSubject.grid().size());
        int[] x = {0, 1, 3, 5, 7, 9, 11, 13};
        int[] y = {0, 1, 3};
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < y.length; j++) {
                for (int k = 0; k < 12; k++) {
                    assertEquals(
                            voxels[grid.size().index(x[i], 1 + y[j], 3 + k / 2)],
                            preprocessedSubject.images()
                                    .get(0)[preprocessedSubject.grid().size().index(i, j, k)]);
                }
            }
        }
    }

    @Test
    void invertingAResizedBoxInterpolatesLinearlyAndGivesZeroOutside() {
        Grid grid = new Grid(new Size(8, 8, 8), Affine.of(new double[][] {{-1, 0, 0, 0}, {0, -1, 0, 0}, {0, 0, 1, 0}}));
        float[] voxels = new float[512];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = i / 64;
        }
        PreprocessedSubject preprocessedSubject = new Preprocessing(
                        "LPS",
                        0,
                        Normalisation.RAW,
                        CropMode.BOX,
                        List.of(0, 0, 2),
                        List.of(8, 8, 5),
                        1,
                        List.of(8, 8, 3))
                .prepare(List.of(new Volume(grid, voxels)));
        float[] restored =
                preprocessedSubject.invert(preprocessedSubject.images().get(0));
        float[] expected = {0, 0, 2, 3, 4, 5, 5, 0};
        for (int i = 0; i < restored.length; i++) {
            assertEquals(expected[i / 64], restored[i], 1e-6f, "voxel " + i);
        }
    }

    @Test
    void axesRunInTheDirectionsOfTheOrientation() {
        for (int seed = 0; seed < TRIALS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String orientation = ORIENTATIONS.get(seed % ORIENTATIONS.size());
            PreprocessedSubject preprocessedSubject =
                    raw(orientation, 0, CropMode.NONE, List.of(), 1).prepare(List.of(linear(randomGrid(random, 2, 6))));
            double[][] matrix = preprocessedSubject.grid().affine().toMatrix();
            for (int axis = 0; axis < 3; axis++) {
                int letter = "RASLPI".indexOf(orientation.charAt(axis));
                double along = matrix[letter % 3][axis] * (letter < 3 ? 1 : -1);
                assertTrue(along > 0.9 * preprocessedSubject.grid().spacing()[axis], orientation + " of seed " + seed);
            }
        }
    }

    @Test
    void everyPreprocessedVoxelHasTheValueAtItsWorldCoordinate() {
        for (int seed = 0; seed < TRIALS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Volume volume = linear(randomGrid(random, 12, 18));
            Preprocessing preprocessing = randomPreprocessing(random, seed);
            PreprocessedSubject preprocessedSubject = preprocessing.prepare(List.of(volume));
            assertLinear(
                    preprocessedSubject.grid(), preprocessedSubject.images().get(0), preprocessing, "seed " + seed);
        }
    }

    @Test
    void invertingResamplingAndSubsamplingRestoresALinearField() {
        for (int seed = 0; seed < TRIALS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Volume volume = linear(randomGrid(random, 14, 20));
            Preprocessing preprocessing = randomPreprocessing(random, seed);
            PreprocessedSubject preprocessedSubject = preprocessing.prepare(List.of(volume));
            float[] restored =
                    preprocessedSubject.invert(preprocessedSubject.images().get(0));
            assertLinear(volume.grid(), restored, preprocessing, "seed " + seed);
        }
    }

    private static Preprocessing randomPreprocessing(SplittableRandom random, int seed) {
        double spacing = seed % 2 == 0 ? random.nextDouble(0.8, 2.2) : 0;
        return raw(
                ORIENTATIONS.get(seed % ORIENTATIONS.size()), spacing, CropMode.NONE, List.of(), random.nextInt(1, 3));
    }

    /** Compares with the linear field away from the border, where means are one-sided. */
    private static void assertLinear(Grid grid, float[] values, Preprocessing preprocessing, String message) {
        Size size = grid.size();
        // Towards coarser voxels the sampled triangle's centre of mass is some hundredths of a mm off the voxel's
        // centre.
        double exact = preprocessing.spacing() == 0 ? 0.01 : 0.3;
        int[] margin = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            margin[axis] = (int) Math.ceil(
                    preprocessing.stride() * 2 + 2 * preprocessing.spacing() / Math.min(grid.spacing()[axis], 0.7));
        }
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                for (int x = 0; x < size.x(); x++) {
                    double expected = field(grid.affine().apply(x, y, z));
                    boolean inner = x >= margin[0]
                            && x < size.x() - margin[0]
                            && y >= margin[1]
                            && y < size.y() - margin[1]
                            && z >= margin[2]
                            && z < size.z() - margin[2];
                    assertEquals(expected, values[size.index(x, y, z)], inner ? exact : 40, message);
                }
            }
        }
    }

    @Nested
    class Labels {
        private final LabelSpace brats = LabelSpace.BRATS_2018;

        private PreprocessedSubject prepared(Grid grid, double spacing, int stride) {
            return raw("SAL", spacing, CropMode.NONE, List.of(), stride).prepare(List.of(linear(grid)));
        }

        @Test
        void becomeClassesByTheirTissueAndFollowTheImages() {
            for (int seed = 0; seed < TRIALS; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                Grid grid = randomGrid(random, 3, 9);
                byte[] labels = new byte[grid.size().voxels()];
                for (int i = 0; i < labels.length; i++) {
                    labels[i] = (byte) random.nextInt(5);
                }
                PreprocessedSubject preprocessedSubject = prepared(grid, 0, random.nextInt(1, 4));
                byte[] classes = preprocessedSubject.classes(new LabelMap(grid, labels, LabelSpace.BRATS_2024));
                Affine toInput =
                        grid.affine().inverse().times(preprocessedSubject.grid().affine());
                Size size = preprocessedSubject.grid().size();
                for (int i = 0; i < classes.length; i++) {
                    double[] at = toInput.apply(i % size.x(), i / size.x() % size.y(), i / size.x() / size.y());
                    int label = labels[
                            grid.size().index((int) Math.rint(at[0]), (int) Math.rint(at[1]), (int) Math.rint(at[2]))];
                    assertEquals(label, classes[i], "seed " + seed + ", voxel " + i);
                }
            }
        }

        @Test
        void areReadByTheirSchema() {
            Grid grid = Grid.of(new Size(3, 1, 1), 1);
            PreprocessedSubject preprocessedSubject =
                    raw("RAS", 0, CropMode.NONE, List.of(), 1).prepare(List.of(linear(grid)));
            LabelMap msd = new LabelMap(grid, new byte[] {1, 2, 3}, LabelSpace.MSD_TASK01);
            LabelMap legacy = new LabelMap(grid, new byte[] {1, 2, 4}, LabelSpace.BRATS_2018);
            assertArrayEquals(new byte[] {2, 1, 3}, preprocessedSubject.classes(msd));
            assertArrayEquals(new byte[] {1, 2, 3}, preprocessedSubject.classes(legacy));
        }

        @Test
        void mayHaveIgnoredVoxelsAndCystsOfTheCore() {
            Grid grid = Grid.of(new Size(4, 1, 1), 1);
            PreprocessedSubject preprocessedSubject =
                    raw("RAS", 0, CropMode.NONE, List.of(), 1).prepare(List.of(linear(grid)));
            LabelMap ped = new LabelMap(grid, new byte[] {1, 2, 3, 4}, LabelSpace.BRATS_PED_2024);
            assertArrayEquals(new byte[] {3, 1, 4, 2}, preprocessedSubject.classes(ped));
            LabelMap inThree = new LabelMap(
                    grid, ped.voxels(), new LabelSpace("PED", ped.schema().values(), brats.classes(), brats.regions()));
            assertArrayEquals(new byte[] {3, 1, 1, 2}, preprocessedSubject.classes(inThree), "a cyst is core");
            LabelMap cavity = new LabelMap(
                    grid,
                    new byte[] {1, 2, 3, 4},
                    new LabelSpace("GLI", LabelSpace.BRATS_2024.values(), brats.classes(), brats.regions()));
            assertArrayEquals(new byte[] {1, 2, 3, 0}, preprocessedSubject.classes(cavity), "a cavity is in no region");
            LabelSpace open = new LabelSpace("X", Map.of(1, LabelClass.ED, 5, LabelClass.IGNORE));
            byte[] classes = preprocessedSubject.classes(new LabelMap(grid, new byte[] {0, 1, 5, 5}, open));
            assertArrayEquals(new byte[] {0, 1, Sample.IGNORED, Sample.IGNORED}, classes);
            assertEquals(
                    1,
                    Sample.of("x", grid.size(), List.of(), classes).foreground().capacity());
        }

        @Test
        void takeTheClassOfTheLargestWeightWhenResampled() {
            Grid grid = Grid.of(new Size(12, 12, 12), 1);
            byte[] labels = new byte[grid.size().voxels()];
            for (int z = 0; z < 12; z++) {
                for (int y = 0; y < 12; y++) {
                    for (int x = 0; x < 12; x++) {
                        labels[grid.size().index(x, y, z)] = (byte) (z < 6 ? 0 : 3);
                    }
                }
            }
            PreprocessedSubject preprocessedSubject =
                    raw("RAS", 2, CropMode.NONE, List.of(), 1).prepare(List.of(linear(grid)));
            byte[] classes = preprocessedSubject.classes(new LabelMap(grid, labels, LabelSpace.BRATS_2023));
            for (int i = 0; i < classes.length; i++) {
                assertEquals(i / 36 < 3 ? 0 : 3, classes[i], "voxel " + i);
            }
        }

        @Test
        void onAnotherGridAreRefused() {
            PreprocessedSubject preprocessedSubject = prepared(Grid.of(Size.cube(4), 1), 0, 1);
            LabelMap other = new LabelMap(Grid.of(Size.cube(5), 1), new byte[125], LabelSpace.BRATS_2023);
            assertThrows(MismatchException.class, () -> preprocessedSubject.classes(other));
        }
    }

    @Test
    void normalisedVoxelsHaveMeanZeroAndVarianceOneAndTheBackgroundStaysZero() {
        Grid grid = Grid.of(Size.cube(8), 1);
        Volume volume = noise(grid, new SplittableRandom(3), 0.4);
        for (int i = 0; i < volume.voxels().length; i++) {
            volume.voxels()[i] *= 500;
        }
        PreprocessedSubject preprocessedSubject = new Preprocessing(
                        "RAS", 0, Normalisation.ZSCORE_NONZERO, CropMode.NONE, List.of(), List.of(), 1, List.of())
                .prepare(List.of(volume));
        float[] image = preprocessedSubject.images().get(0);
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < image.length; i++) {
            if (volume.voxels()[i] == 0) {
                assertEquals(0, image[i]);
            } else {
                sum += image[i];
                squares += image[i] * image[i];
                count++;
            }
        }
        assertEquals(0, sum / count, 1e-6);
        assertEquals(1, squares / count, 1e-5);
    }

    @Test
    void backgroundDoesNotLeakIntoTheRimWhenResampled() {
        Grid grid = Grid.of(Size.cube(20), 1);
        float[] voxels = new float[8000];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = i % 20 < 9 ? 0 : 100;
        }
        PreprocessedSubject preprocessedSubject =
                raw("RAS", 1.7, CropMode.NONE, List.of(), 1).prepare(List.of(new Volume(grid, voxels)));
        for (float value : preprocessedSubject.images().get(0)) {
            assertTrue(value == 0 || Math.abs(value - 100) < 1e-3, "value " + value);
        }
    }

    @Test
    void aBrainCropOfAnEmptyVolumeIsTheWholeVolume() {
        Volume empty = new Volume(Grid.of(Size.cube(4), 1), new float[64]);
        PreprocessedSubject preprocessedSubject =
                raw("LPS", 0, CropMode.BRAIN, List.of(), 1).prepare(List.of(empty));
        assertEquals(Size.cube(4), preprocessedSubject.grid().size());
    }

    @Nested
    class Refuses {
        @Test
        void volumesOnDifferentGrids() {
            Volume first = linear(Grid.of(Size.cube(4), 1));
            Volume second = linear(Grid.of(Size.cube(4), 1.5));
            assertThrows(
                    MismatchException.class,
                    () -> raw("LPS", 0, CropMode.NONE, List.of(), 1).prepare(List.of(first, second)));
        }

        @Test
        void anOrientationThatNamesAnAxisTwice() {
            assertThrows(InvalidRecipeException.class, () -> raw("LRS", 0, CropMode.NONE, List.of(), 1));
        }
    }
}
