package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntensityCheckTest {
    private static final Volume RAW = CohortFixture.volume(1, Sequence.T1CE);

    private static Volume normalised(boolean brainAlone) {
        float[] voxels = RAW.voxels().clone();
        IntensityStatistics brain = IntensityStatistics.of(RAW);
        double sum = 0;
        double squares = 0;
        for (float v : voxels) {
            sum += v;
            squares += v * v;
        }
        double mean = brainAlone ? brain.mean() : sum / voxels.length;
        double std = brainAlone ? brain.std() : Math.sqrt(squares / voxels.length - mean * mean);
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = brainAlone && voxels[i] == 0 ? 0 : (float) ((voxels[i] - mean) / std);
        }
        return new Volume(CohortFixture.GRID, voxels);
    }

    private static void assertDoubt(Volume volume, String... parts) {
        String doubt = IntensityCheck.of(volume).orElseThrow();
        for (String part : parts) {
            assertTrue(doubt.contains(part), doubt);
        }
    }

    @Test
    void aRawImageRaisesNoDoubt() {
        assertEquals(Optional.empty(), IntensityCheck.of(RAW));
    }

    @Test
    void aBackgroundThatIsNotZeroIsNamedWithItsValue() {
        float[] voxels = RAW.voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = voxels[i] == 0 ? -3.5f : voxels[i] - 120;
        }
        assertDoubt(new Volume(CohortFixture.GRID, voxels), "background of -3.5 instead of 0");
    }

    @Test
    void aNormalisedImageIsNamed() {
        assertDoubt(normalised(false), "instead of 0", "already normalised");
        assertDoubt(normalised(true), "looks already normalised");
    }

    @Test
    void anImageWithoutAnyZeroHasNoBackground() {
        float[] voxels = RAW.voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = voxels[i] == 0 ? 1 + i % 7 : voxels[i];
        }
        assertDoubt(new Volume(CohortFixture.GRID, voxels), "no voxel that is 0");
    }

    @Test
    void anEmptyOrConstantImageIsNamed() {
        assertDoubt(new Volume(CohortFixture.GRID, new float[RAW.voxels().length]), "zero everywhere");
        float[] ones = new float[RAW.voxels().length];
        Arrays.fill(ones, 1);
        assertDoubt(new Volume(CohortFixture.GRID, ones), "is 1 everywhere");
    }

    @Test
    void aCohortWarnsAboutANormalisedImage(@TempDir Path root) {
        CohortFixture fixture = CohortFixture.brats2021(root, 1).replace("BraTS2021_00001", "t1ce", normalised(false));
        List<Problem> problems = CohortSummary.of(Cohort.open(fixture.root())).problems();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.get(0).text().contains("t1ce.nii.gz has a background of"), problems.toString());
        assertTrue(!problems.get(0).unusable());
    }
}
