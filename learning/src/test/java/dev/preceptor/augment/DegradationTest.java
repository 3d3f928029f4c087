package dev.preceptor.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Intensities;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DegradationTest {
    private static final Size SIZE = new Size(20, 16, 12);

    private static Volume image(double scale) {
        SplittableRandom random = new SplittableRandom(4);
        float[] voxels = new float[SIZE.voxels()];
        for (int i = 0; i < voxels.length; i++) {
            double x = i % SIZE.x() - 9.5;
            double y = i / SIZE.x() % SIZE.y() - 7.5;
            double z = i / SIZE.x() / (double) SIZE.y() - 5.5;
            double value = 300 + 40 * Math.sin(x) + 20 * random.nextDouble();
            voxels[i] = (float) (x * x / 80 + y * y / 50 + z * z / 25 < 1 ? scale * value : 0);
        }
        return new Volume(new Grid(SIZE, Affine.scaling(1, 2, 3)), voxels);
    }

    private static RandomSource random(long seed) {
        return new RandomSource(new SplittableRandom(seed));
    }

    @ParameterizedTest
    @EnumSource
    void changesTheBrainAndNeverTheBackground(Degradation kind) {
        Volume image = image(1);
        for (long seed = 0; seed < 20; seed++) {
            Volume degraded = kind.of(image, random(seed));
            assertEquals(image.grid(), degraded.grid());
            int changed = 0;
            int brain = 0;
            for (int i = 0; i < image.voxels().length; i++) {
                if (image.voxels()[i] == 0) {
                    assertEquals(0, degraded.voxels()[i], "seed " + seed);
                } else {
                    brain++;
                    changed += degraded.voxels()[i] == image.voxels()[i] ? 0 : 1;
                }
            }
            assertTrue(changed > brain / 2, "seed " + seed + ": " + changed + " of " + brain);
            assertTrue(Double.isFinite(Intensities.nonZero(degraded.voxels()).deviation()), "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void dependsOnTheSeedAndNotOnTheUnitOfTheIntensities(Degradation kind) {
        float[] once = kind.of(image(1), random(7)).voxels();
        assertArrayEquals(once, kind.of(image(1), random(7)).voxels());
        float[] scaled = kind.of(image(8), random(7)).voxels();
        for (int i = 0; i < once.length; i++) {
            // Noise is drawn for z-scores, which do not depend on the unit.
            assertEquals(8 * once[i], scaled[i], 1e-2 * Math.abs(scaled[i]) + 0.1);
        }
    }
}
