package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.network.BratsTargets;
import dev.preceptor.network.Network;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.ResidentMemory;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Intensities;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PredictorTest {
    private static final Grid LPS = new Grid(Size.cube(16), new Affine(-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0));

    private static Prediction predict(List<ModelFile> models, PredictionOptions options, Volume volume) {
        try (Predictor predictor = Predictor.open(models, options)) {
            return predictor.predict(Map.of(Sequence.T1CE, volume));
        }
    }

    private static float[] logitsByHand(ModelFile model, float[] voxels, Size size, long... flipped) {
        try (Network network = model.network(Torch.device("cpu"));
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor image =
                    Tensors.ofVoxels(voxels, size).unsqueeze(0).unsqueeze(0).flip(flipped);
            return Tensors.toVoxels(network.forward(image.contiguous())
                    .logits()
                    .flip(flipped)
                    .select(1, 0)
                    .squeeze(0));
        }
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    @Test
    void onOneTileThePredictionIsTheNetworksOutput() {
        ModelFile model = Models.small(1);
        Volume volume = NoiseVolumes.of(LPS, 2);
        float[] logits = logitsByHand(model, Intensities.zScoreNonZero(volume.voxels()), LPS.size());
        Prediction prediction = predict(List.of(model), PredictionOptions.DEFAULTS, volume);
        float[] whole = prediction.probability(Region.WT).voxels();
        for (int i = 0; i < logits.length; i++) {
            assertEquals(sigmoid(logits[i]), whole[i], 1e-5, "voxel " + i);
        }
    }

    /** Of some voxels the softmax probabilities of the classes of WT add up to more than 1 in float32. */
    @Test
    void probabilitiesAreAtMostOne() {
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = torch.randn(4, 40, 40, 40).mul(new Scalar(5.0));
            logits.narrow(0, 0, 1).sub_(new Scalar(20.0));
            Targets targets = BratsTargets.of(TargetEncoding.CLASSES);
            assertTrue(targets.probabilities(logits.unsqueeze(0)).max().item_float() > 1);
            for (float[] region : WholeImage.probabilities(targets, logits)) {
                for (float probability : region) {
                    assertTrue(probability <= 1, "probability " + probability);
                }
            }
        }
    }

    @Test
    void severalModelsAverageTheirLogits() {
        ModelFile first = Models.small(1);
        ModelFile second = Models.small(2);
        Volume volume = NoiseVolumes.of(LPS, 2);
        float[] normalised = Intensities.zScoreNonZero(volume.voxels());
        float[] a = logitsByHand(first, normalised, LPS.size());
        float[] b = logitsByHand(second, normalised, LPS.size());
        float[] whole = predict(List.of(first, second), PredictionOptions.DEFAULTS, volume)
                .probability(Region.WT)
                .voxels();
        for (int i = 0; i < a.length; i++) {
            assertEquals(sigmoid((a[i] + b[i]) / 2), whole[i], 1e-5, "voxel " + i);
        }
    }

    @Test
    void mirroringAveragesTheLogitsOfEightMirrorings() {
        ModelFile model = Models.small(1);
        Volume volume = NoiseVolumes.of(LPS, 2);
        float[] normalised = Intensities.zScoreNonZero(volume.voxels());
        double[] sum = new double[normalised.length];
        long[][] mirrorings = {{}, {2}, {3}, {4}, {2, 3}, {2, 4}, {3, 4}, {2, 3, 4}};
        for (long[] mirroring : mirrorings) {
            float[] logits = logitsByHand(model, normalised, LPS.size(), mirroring);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += logits[i];
            }
        }
        PredictionOptions options = PredictionOptions.DEFAULTS.withMirror(true).withBatch(1);
        float[] whole =
                predict(List.of(model), options, volume).probability(Region.WT).voxels();
        for (int i = 0; i < sum.length; i++) {
            assertEquals(sigmoid(sum[i] / 8), whole[i], 1e-5, "voxel " + i);
        }
    }

    @Test
    void theBatchOfTilesDoesNotChangeTheResult() {
        ModelFile model = Models.small(1);
        Volume volume = NoiseVolumes.of(new Grid(new Size(30, 20, 17), LPS.affine()), 2);
        PredictionOptions three = PredictionOptions.DEFAULTS.withOverlap(0.25).withBatch(3);
        PredictionOptions one = PredictionOptions.DEFAULTS.withOverlap(0.25).withBatch(1);
        assertArrayEquals(
                predict(List.of(model), one, volume).probability(Region.ET).voxels(),
                predict(List.of(model), three, volume).probability(Region.ET).voxels(),
                1e-5f);
    }

    /** The same anatomy in another voxel order must get the same labels at the same world coordinates. */
    @Test
    void theVoxelOrderOfTheInputDoesNotMatter() {
        ModelFile model = Models.small(1);
        Size size = new Size(20, 18, 16);
        Volume first = NoiseVolumes.of(new Grid(size, LPS.affine()), 2);
        float[] turned = new float[size.voxels()];
        Size other = new Size(16, 20, 18);
        Affine affine = LPS.affine().times(new Affine(0, -1, 0, 19, 0, 0, 1, 0, 1, 0, 0, 0));
        for (int i = 0; i < 16; i++) {
            for (int j = 0; j < 20; j++) {
                for (int k = 0; k < 18; k++) {
                    turned[other.index(i, j, k)] = first.at(19 - j, k, i);
                }
            }
        }
        Prediction expected = predict(List.of(model), PredictionOptions.DEFAULTS, first);
        Prediction found =
                predict(List.of(model), PredictionOptions.DEFAULTS, new Volume(new Grid(other, affine), turned));
        assertEquals(new Grid(other, affine), found.labels().grid());
        for (int i = 0; i < 16; i++) {
            for (int j = 0; j < 20; j++) {
                for (int k = 0; k < 18; k++) {
                    assertEquals(
                            expected.labels().voxels()[size.index(19 - j, k, i)],
                            found.labels().voxels()[other.index(i, j, k)]);
                }
            }
        }
    }

    @Test
    void nativeMemoryIsFlatOverTwoHundredPredictions() {
        Volume volume = NoiseVolumes.of(new Grid(Size.cube(24), LPS.affine()), 2);
        try (Predictor predictor = Predictor.open(List.of(Models.small(1)), PredictionOptions.DEFAULTS)) {
            ResidentMemory memory = new ResidentMemory();
            for (int round = 0; round < 12; round++) {
                // So many that one leaked tensor a prediction (54 KiB) adds more than the compiler and the arenas of
                // malloc do.
                for (int i = 0; i < 18; i++) {
                    predictor.predict(Map.of(Sequence.T1CE, volume));
                }
                memory.record();
            }
            // The tests run with JavaCPP's garbage collection off, so that a tensor outside all scopes would leak.
            long grown = memory.growth();
            assertTrue(grown < 8L << 20, "198 predictions left " + (grown >> 10) + " KiB: " + memory);
        }
    }

    @Nested
    class Refuses {
        @Test
        void aSubjectWithoutTheSequence() {
            try (Predictor predictor = Predictor.open(List.of(Models.small(1)), PredictionOptions.DEFAULTS)) {
                String message = assertThrows(
                                MismatchException.class,
                                () -> predictor.predict(Map.of(Sequence.T2, NoiseVolumes.of(LPS, 1))))
                        .getMessage();
                assertEquals("the model needs T1CE, but there is only [T2]", message);
            }
        }

        @Test
        void valuesThatAreNotFinite() {
            Volume volume = NoiseVolumes.of(LPS, 1);
            volume.voxels()[7] = Float.NaN;
            assertThrows(
                    MismatchException.class,
                    () -> predict(List.of(Models.small(1)), PredictionOptions.DEFAULTS, volume));
        }

        @Test
        void anEnsembleOfDifferentModels() {
            ModelFile other = Models.random(Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T2), 1);
            assertThrows(
                    MismatchException.class,
                    () -> Predictor.open(List.of(Models.small(1), other), PredictionOptions.DEFAULTS));
        }

        @Test
        void anOverlapOutOfRange() {
            assertThrows(PreceptorException.class, () -> PredictionOptions.DEFAULTS.withOverlap(0.95));
        }
    }
}
