package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.preceptor.model.PostProcessing;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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
    void aHundredDisjointClassesAreThoseOfTheirLargestProbabilities() {
        int classes = 100;
        Grid grid = Grid.of(Size.cube(64), 1);
        int voxels = grid.size().voxels();
        Map<Integer, LabelClass> values = new HashMap<>();
        for (int c = 0; c < classes; c++) {
            // Neither the order of the values nor that of the names is that of the probabilities.
            values.put(127 - c, new LabelClass("structure " + c * 37 % classes));
        }
        LabelSpace space = new LabelSpace("ATLAS", values);
        SplittableRandom random = new SplittableRandom(1);
        List<float[]> probabilities = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            float[] region = new float[voxels];
            for (int i = 0; i < voxels; i++) {
                // Exact in binary, so that their sum, about 1, does not depend on its order.
                region[i] = random.nextInt(21) / 1024f;
            }
            probabilities.add(region);
        }
        byte[] expected = new byte[voxels];
        for (int i = 0; i < voxels; i++) {
            float best = 1;
            for (float[] region : probabilities) {
                best -= region[i];
            }
            for (int c = 0; c < classes; c++) {
                if (probabilities.get(c)[i] > best) {
                    best = probabilities.get(c)[i];
                    expected[i] =
                            space.valueOf(space.classes().get(c)).orElseThrow().byteValue();
                }
            }
        }
        byte[] labels = PredictedRegions.of(new Targets(TargetEncoding.CLASSES, space), grid, probabilities)
                .labels(PostProcessing.NONE)
                .voxels();
        assertArrayEquals(expected, labels);
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
