package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.preceptor.model.PostProcessing;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelExportTest {
    private static byte[] export(LabelSpace schema, TargetEncoding targetEncoding, float[] wt, float[] tc, float[] et) {
        return PredictedRegions.of(
                        new Targets(targetEncoding, schema), Grid.of(new Size(wt.length, 1, 1), 1), List.of(wt, tc, et))
                .labels(PostProcessing.NONE)
                .voxels();
    }

    @Test
    void laterRegionsOverwriteEarlierOnes() {
        float[] wt = {0.5f, 0.6f, 0.9f, 0.9f, 0.1f, 0.1f};
        float[] tc = {0.5f, 0.4f, 0.6f, 0.6f, 0.1f, 0.9f};
        float[] et = {0.5f, 0.4f, 0.4f, 0.6f, 0.9f, 0.2f};
        assertArrayEquals(
                new byte[] {0, 2, 1, 4, 4, 1}, export(LabelSpace.BRATS_2018, TargetEncoding.REGIONS, wt, tc, et));
        assertArrayEquals(
                new byte[] {0, 1, 2, 3, 3, 2}, export(LabelSpace.MSD_TASK01, TargetEncoding.REGIONS, wt, tc, et));
    }

    @Test
    void theMostProbableClassWinsEvenBelowOneHalf() {
        // background .4 NCR .3 ED .2 ET .1; background .2 NCR .25 ED .4 ET .15; background .1 NCR .2 ED .25 ET .45
        float[] wt = {0.6f, 0.8f, 0.9f};
        float[] tc = {0.4f, 0.4f, 0.65f};
        float[] et = {0.1f, 0.15f, 0.45f};
        assertArrayEquals(new byte[] {0, 2, 3}, export(LabelSpace.BRATS_2023, TargetEncoding.CLASSES, wt, tc, et));
    }
}
