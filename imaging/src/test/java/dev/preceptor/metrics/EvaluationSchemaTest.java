package dev.preceptor.metrics;

import static dev.preceptor.metrics.EvaluationOptions.DEFAULT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.Fingerprint;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Label schemas in an evaluation: folders of nnU-Net, declared predictions, and references with ignored voxels. */
class EvaluationSchemaTest {
    private static final LabelSpace FOREIGN =
            new LabelSpace("DATASET_JSON", Map.of(1, LabelClass.ET, 2, LabelClass.NCR, 3, LabelClass.ED));

    @TempDir
    Path folder;

    private Path data;
    private Path predictions;

    @BeforeEach
    void write() throws IOException {
        data = CohortFixture.nnunet(folder.resolve("Dataset137"), 2).root();
        predictions = Files.createDirectories(folder.resolve("predicted"));
        for (int n = 1; n <= 2; n++) {
            CohortFixture.writeForeign(
                    predictions.resolve("BraTS_000" + n + ".nii.gz"), CohortFixture.labels(n, LabelSpace.MSD_TASK01));
        }
    }

    @Test
    void labelsTrTakesTheDescriptionOfItsParent() {
        assertPerfect(Evaluation.of(predictions, data.resolve("labelsTr"), DEFAULT));
        assertEquals(
                LabelSpace.MSD_TASK01,
                Evaluation.of(
                                predictions.resolve("BraTS_0001.nii.gz"),
                                data.resolve("labelsTr/BraTS_0001.nii.gz"),
                                DEFAULT)
                        .schema()
                        .schema());
    }

    @Test
    void predictionsWithADescriptionAreNotADataSet() throws IOException {
        Files.copy(data.resolve("dataset.json"), predictions.resolve("dataset.json"));
        Files.writeString(predictions.resolve("plans.json"), "{}");
        assertPerfect(Evaluation.of(predictions, data, DEFAULT));
        String message = assertThrows(PreceptorException.class, () -> Cohort.open(predictions))
                .getMessage();
        assertTrue(message.contains("no subject found"), message);
    }

    @Test
    void aDescriptionOfPredictionsInAnotherSchemaIsRefusedUntilItIsNamed() throws IOException {
        Files.writeString(
                predictions.resolve("dataset.json"),
                "{\"labels\":{\"background\":0,\"edema\":3,\"necrosis\":2,\"enhancing tumor\":1}}");
        for (int n = 1; n <= 2; n++) {
            CohortFixture.writeForeign(
                    predictions.resolve("BraTS_000" + n + ".nii.gz"), CohortFixture.labels(n, FOREIGN));
        }
        String message = assertThrows(PreceptorException.class, () -> Evaluation.of(predictions, data, DEFAULT))
                .getMessage();
        assertTrue(message.contains("DATASET_JSON") && message.contains("--prediction-schema"), message);
        assertPerfect(Evaluation.of(predictions, data, DEFAULT.withPredictionSchema(FOREIGN)));
    }

    @Test
    void aDeclaredPredictionInAnotherSchemaIsRefusedUntilItIsNamed() {
        for (int n = 1; n <= 2; n++) {
            Nifti.write(predictions.resolve("BraTS_000" + n + ".nii.gz"), CohortFixture.labels(n, FOREIGN));
        }
        String message = assertThrows(PreceptorException.class, () -> Evaluation.of(predictions, data, DEFAULT))
                .getMessage();
        assertTrue(message.contains("--prediction-schema \"" + FOREIGN + "\""), message);
        assertPerfect(Evaluation.of(predictions, data, DEFAULT.withPredictionSchema(FOREIGN)));
    }

    @Test
    void noScoreCountsIgnoredVoxels() throws IOException {
        Path json = data.resolve("dataset.json");
        Files.writeString(json, Files.readString(json).replace("\"background\"", "\"ignore\" : 4, \"background\""));
        LabelMap labels = CohortFixture.labels(1, LabelSpace.MSD_TASK01);
        int ignored = 0;
        byte[] voxels = labels.voxels().clone();
        byte[] predicted = labels.voxels().clone();
        float[] probabilities = new float[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            if (i % 3 == 0) {
                // The prediction is wrong in ignored voxels only, which must not change any score.
                voxels[i] = 4;
                predicted[i] = (byte) (predicted[i] == 0 ? 3 : 0);
                ignored++;
            }
            probabilities[i] = predicted[i] == 0 ? 0 : 1;
        }
        Path reference = data.resolve("labelsTr/BraTS_0001.nii.gz");
        CohortFixture.writeForeign(
                reference,
                new LabelMap(
                        labels.grid(),
                        voxels,
                        new LabelSpace(
                                "X",
                                Map.of(1, LabelClass.ED, 2, LabelClass.NCR, 3, LabelClass.ET, 4, LabelClass.IGNORE))));
        Path prediction = predictions.resolve("BraTS_0001.nii.gz");
        CohortFixture.writeForeign(prediction, new LabelMap(labels.grid(), predicted, LabelSpace.MSD_TASK01));
        Nifti.write(predictions.resolve("BraTS_0001_prob_WT.nii.gz"), new Volume(labels.grid(), probabilities));
        Evaluation evaluation = Evaluation.of(prediction, reference, DEFAULT);
        Evaluation.Case scored = evaluation.cases().get(0);
        for (Region region : Region.BRATS) {
            ConfusionCounts overlap = scored.scores().get(region).overlap();
            assertEquals(0, overlap.falsePositives() + overlap.falseNegatives(), region + " " + overlap);
            assertEquals(
                    voxels.length - ignored, overlap.truePositives() + overlap.trueNegatives(), region + " " + overlap);
            assertEquals(1, scored.brats().get(region).dice());
        }
        ReliabilityDiagram everywhere = scored.calibration().get(Region.WT).everywhere();
        assertEquals(voxels.length - ignored, everywhere.voxels());
        assertEquals(0, everywhere.brier());
        double volume =
                Fingerprint.of(Cohort.open(data)).subjects().get(0).regionsMl().get(Region.WT);
        assertEquals(
                scored.scores().get(Region.WT).overlap().referenced() / 1000.0, volume, 1e-9, "volume of the cohort");
    }

    private static void assertPerfect(Evaluation evaluation) {
        assertEquals(LabelSpace.MSD_TASK01, evaluation.schema().schema());
        for (Region region : Region.BRATS) {
            assertEquals(1, evaluation.mean(region, RegionScore::dice), region.name());
        }
    }
}
