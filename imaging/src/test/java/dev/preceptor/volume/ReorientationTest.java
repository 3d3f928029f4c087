package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReorientationTest {
    private static final Grid BRATS =
            new Grid(new Size(240, 240, 155), new Affine(-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0));

    @Test
    void thereAre48Orientations() {
        assertEquals(48, new HashSet<>(Orientation.all()).size());
    }

    @Test
    void anAffineOfEachOrientationIsRecognised() {
        for (Orientation orientation : Orientation.all()) {
            assertEquals(orientation, Orientation.of(orientation.affine(1, 2, 3)));
        }
    }

    @Test
    void bratsVolumesAreLps() {
        assertEquals(Orientation.LPS, Orientation.of(BRATS.affine()));
    }

    @Test
    void aCodeThatNamesAnAxisTwiceIsRefused() {
        for (String codes : new String[] {"RLS", "RA", "RASS", "xyz", ""}) {
            assertThrows(IllegalArgumentException.class, () -> new Orientation(codes), codes);
        }
    }

    @Test
    void undoRestoresVoxelsAndGridForEveryPairOfOrientations() {
        SplittableRandom random = new SplittableRandom(1);
        for (Orientation from : Orientation.all()) {
            Affine affine = Affine.translation(3.7, -20, 11.1).times(from.affine(0.9, 1.3, 2));
            Volume volume = RandomImages.volume(new Grid(new Size(2, 3, 4), affine), random);
            LabelMap labels = RandomImages.labels(volume.grid(), random);
            for (Orientation to : Orientation.all()) {
                Reorientation reorientation = Reorientation.of(volume.grid(), to);
                Volume reoriented = reorientation.apply(volume);
                assertEquals(to, Orientation.of(reoriented.grid().affine()));
                Volume restored = reorientation.undo(reoriented);
                assertSame(volume.grid(), restored.grid());
                assertArrayEquals(volume.voxels(), restored.voxels(), from + " to " + to);
                assertArrayEquals(
                        labels.voxels(),
                        reorientation.undo(reorientation.apply(labels)).voxels(),
                        from + " to " + to);
                assertSamePlaces(volume, reoriented);
            }
        }
    }

    /** Each voxel of the second volume lies, in the world, where the voxel of the same value lies in the first. */
    private static void assertSamePlaces(Volume first, Volume second) {
        Affine toFirst = first.grid().affine().inverse().times(second.grid().affine());
        Size size = second.size();
        for (int k = 0; k < size.z(); k++) {
            for (int j = 0; j < size.y(); j++) {
                for (int i = 0; i < size.x(); i++) {
                    double[] p = toFirst.apply(i, j, k);
                    assertEquals(
                            first.at((int) Math.rint(p[0]), (int) Math.rint(p[1]), (int) Math.rint(p[2])),
                            second.at(i, j, k));
                }
            }
        }
    }
}
