package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IntensitiesTest {
    @Test
    void theZScoreUsesTheNonZeroVoxelsAndThePopulationDeviation() {
        float[] normalised = Intensities.zScoreNonZero(new float[] {0, 1, 3, 0});
        assertArrayEquals(new float[] {0, -1, 1, 0}, normalised);
    }

    @Test
    void aConstantImageBecomesZeros() {
        assertArrayEquals(new float[] {0, 0, 0}, Intensities.zScoreNonZero(new float[] {5, 0, 5}));
    }

    @Test
    void anEmptyImageStaysEmpty() {
        assertArrayEquals(new float[3], Intensities.zScoreNonZero(new float[3]));
        assertEquals(new Intensities.Statistics(0, 0), Intensities.nonZero(new float[3]));
    }

    @Test
    void aNormalisedImageHasMeanZeroAndDeviationOneAlsoForLargeMeans() {
        SplittableRandom random = new SplittableRandom(3);
        float[] voxels = new float[100_000];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = i % 3 == 0 ? 0 : (float) random.nextDouble(20_000, 20_010);
        }
        Intensities.Statistics normalised = Intensities.nonZero(Intensities.zScoreNonZero(voxels));
        assertEquals(0, normalised.mean(), 1e-6);
        assertEquals(1, normalised.deviation(), 1e-6);
    }
}
