package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.Shared;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.util.BitSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slice Dice of real masks, cropped and resized as MTCM-KD does, against an empty prediction; values of its code. */
class SliceDiceTest {
    private static final Size RESIZED = Size.cube(128);
    private static final int FIRST_SLICE = 3;
    private static final int SLICES = 144;

    @Tag("shared")
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "BraTS2021_00410, 0.594, 0.875, 0.875",
        "BraTS2021_00620, 0.758, 0.859, 0.859",
        "BraTS2021_00652, 0.703, 0.820, 0.820"
    })
    void rewardsAnEmptyPredictionAsPublished(String subject, double wt, double tc, double et) {
        LabelMap labels = Nifti.readLabelMap(
                Shared.file("data/brats/" + subject + "/" + subject + "_seg.nii.gz"), LabelSpace.BRATS_2018);
        LabelMap resized = resized(labels);
        double[] expected = {wt, tc, et};
        for (int i = 0; i < expected.length; i++) {
            BitSet mask = resized.mask(Region.BRATS.get(i));
            RegionScore score = Convention.BRATS_LEGACY.score(new BitSet(), mask, resized.grid());
            assertEquals(
                    expected[i], score.sliceDice(), 5e-4, Region.BRATS.get(i).name());
            assertEquals(0, score.dice(), "volumetric Dice");
        }
    }

    private static LabelMap resized(LabelMap labels) {
        Size from = labels.size();
        byte[] voxels = new byte[RESIZED.voxels()];
        for (int z = 0; z < RESIZED.z(); z++) {
            for (int y = 0; y < RESIZED.y(); y++) {
                for (int x = 0; x < RESIZED.x(); x++) {
                    int source = from.index(
                            x * from.x() / RESIZED.x(),
                            y * from.y() / RESIZED.y(),
                            FIRST_SLICE + z * SLICES / RESIZED.z());
                    voxels[RESIZED.index(x, y, z)] = labels.voxels()[source];
                }
            }
        }
        return new LabelMap(Grid.of(RESIZED, 1), voxels, labels.schema());
    }
}
