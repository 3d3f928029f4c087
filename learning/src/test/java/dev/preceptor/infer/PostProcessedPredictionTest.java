package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.RegionRule;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Predictions of models with a post-processing; a network with random weights makes many islands in noise. */
class PostProcessedPredictionTest {
    private static final PredictionOptions WITHOUT = PredictionOptions.DEFAULTS.withPostProcessing(false);
    private static final Grid GRID = Grid.of(new Size(18, 16, 14), 2);
    private static final Volume VOLUME = NoiseVolumes.of(GRID, 3);

    @TempDir
    private Path folder;

    private static ModelFile model(TargetEncoding encoding, PostProcessing rules) {
        ModelDescription plain = Models.description(List.of(2, 4), encoding, Sequence.T1CE);
        return Models.random(plain.withPostProcessing(rules), 1);
    }

    private static Prediction predict(PredictionOptions options, ModelFile... models) {
        try (Predictor predictor = Predictor.open(List.of(models), options)) {
            return predictor.predict(Map.of(Sequence.T1CE, VOLUME));
        }
    }

    private static String fingerprint(PredictionOptions options, ModelFile model) {
        try (Predictor predictor = Predictor.open(List.of(model), options)) {
            return predictor.fingerprint();
        }
    }

    /** Removes all but the largest component of each region that the network predicts. */
    private static PostProcessing largest(LabelMap labels) {
        PostProcessing rules = PostProcessing.NONE;
        for (Region region : labels.schema().regions()) {
            rules = rules.with(region.name(), RegionRule.largest());
        }
        return rules;
    }

    private static int components(BitSet mask) {
        return ConnectedComponents.of(mask, GRID.size(), Connectivity.CORNERS).count();
    }

    @ParameterizedTest
    @EnumSource
    void theModelsRulesChangeTheLabelsAndNoProbability(TargetEncoding encoding) {
        Prediction plain = predict(PredictionOptions.DEFAULTS, model(encoding, PostProcessing.NONE));
        ModelFile processing = model(encoding, largest(plain.labels()));
        Prediction processed = predict(PredictionOptions.DEFAULTS, processing);
        int islands = 0;
        for (Region region : Region.BRATS) {
            islands += components(plain.labels().mask(region));
            assertTrue(components(processed.labels().mask(region)) <= 1, region.name());
            assertArrayEquals(
                    plain.probability(region).voxels(),
                    processed.probability(region).voxels());
        }
        assertTrue(islands > 3, "the network makes no islands");
        assertArrayEquals(
                plain.labels().voxels(), predict(WITHOUT, processing).labels().voxels());
    }

    @Test
    void anEnsembleAppliesWhatItsMembersHaveInCommon() {
        ModelFile none = model(TargetEncoding.REGIONS, PostProcessing.NONE);
        byte[] plain = predict(PredictionOptions.DEFAULTS, none).labels().voxels();
        ModelFile rules = model(TargetEncoding.REGIONS, PostProcessing.NONE.with("WT", RegionRule.minimum(1000)));
        assertArrayEquals(
                new byte[plain.length],
                predict(PredictionOptions.DEFAULTS, rules, rules).labels().voxels());
        assertArrayEquals(
                plain, predict(PredictionOptions.DEFAULTS, rules, none).labels().voxels());
    }

    @Test
    void theFingerprintTellsPredictionsWithAndWithoutRulesApart() {
        ModelFile none = model(TargetEncoding.REGIONS, PostProcessing.NONE);
        ModelFile rules = model(TargetEncoding.REGIONS, PostProcessing.NONE.with("WT", RegionRule.minimum(1)));
        assertNotEquals(fingerprint(PredictionOptions.DEFAULTS, rules), fingerprint(WITHOUT, rules));
        assertNotEquals(fingerprint(PredictionOptions.DEFAULTS, rules), fingerprint(PredictionOptions.DEFAULTS, none));
        assertEquals(fingerprint(PredictionOptions.DEFAULTS, none), fingerprint(WITHOUT, none));
    }

    @Test
    void aFolderIsPredictedAgainWithoutTheRules() {
        Nifti.write(folder.resolve("cohort/p1/p1_t1ce.nii"), VOLUME);
        ModelFile rules = model(TargetEncoding.REGIONS, PostProcessing.NONE.with("WT", RegionRule.minimum(1000)));
        assertFalse(isKept(PredictionOptions.DEFAULTS, rules));
        assertTrue(isKept(PredictionOptions.DEFAULTS, rules));
        assertFalse(isKept(WITHOUT, rules));
    }

    private boolean isKept(PredictionOptions options, ModelFile model) {
        try (Predictor predictor = Predictor.open(List.of(model), options)) {
            return new PredictionJob(folder.resolve("cohort"), folder.resolve("out"), false)
                    .run(predictor, done -> {})
                    .done()
                    .get(0)
                    .isKept();
        }
    }
}
