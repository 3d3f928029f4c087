package dev.preceptor.quality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SharpnessTest {
    private static double[] sharpness(Volume volume) {
        return CoarseImage.of(volume).sharpness();
    }

    private static Volume volume(Size size, float... voxels) {
        return new Volume(Grid.of(size, 3), voxels);
    }

    /** Along x 1, 3, 2 and 2, 5, 9: mean first differences 1.5 + 3.5, second 3 + 1; the other axes have no run of three. */
    @Test
    void aRowGivesItsSecondOverItsFirstDifferences() {
        double[] along = sharpness(volume(new Size(3, 2, 1), 1, 3, 2, 2, 5, 9));
        assertArrayEquals(new double[] {Math.log(4 / 5.0), 0, 0}, along, 1e-6);
    }

    @Test
    void runsThatTouchTheBackgroundDoNotCount() {
        double[] along = sharpness(volume(new Size(7, 1, 1), 1, 3, 2, 0, 7, 1, 0));
        assertEquals(Math.log(3 / 1.5), along[0], 1e-6);
    }

    @Test
    void whiteNoiseHasHalfTheLogarithmOfThreeAndContrastDoesNotMatter() {
        SplittableRandom random = new SplittableRandom(1);
        Size size = new Size(40, 40, 40);
        float[] voxels = new float[size.voxels()];
        float[] scaled = new float[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (float) (100 + random.nextGaussian());
            scaled[i] = 7 * voxels[i] + 30;
        }
        double[] expected = {Math.log(3) / 2, Math.log(3) / 2, Math.log(3) / 2};
        assertArrayEquals(expected, sharpness(volume(size, voxels)), 0.01);
        assertArrayEquals(sharpness(volume(size, voxels)), sharpness(volume(size, scaled)), 1e-4);
    }

    @Test
    void theAxesAreThoseOfTheHeadInAllOrientations() {
        Volume head = SmallHeads.volume(3, "T1CE");
        for (Orientation orientation : Orientation.all()) {
            assertArrayEquals(
                    sharpness(head), sharpness(Orientation.reorient(head, orientation)), 1e-3, orientation.codes());
        }
    }
}
