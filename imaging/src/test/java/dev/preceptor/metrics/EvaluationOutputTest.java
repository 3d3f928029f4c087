package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an evaluation prints and writes. */
class EvaluationOutputTest {
    private static final EvaluationOptions DEFAULT = EvaluationOptions.DEFAULT.withThreads(2);

    @TempDir
    Path folder;

    private ScoredFolders folders;

    @BeforeEach
    void writeReferences() {
        folders = ScoredFolders.in(folder);
    }

    @Nested
    class Output {
        @BeforeEach
        void evaluate() {
            folders.predict("BraTS2021_00001.nii.gz", 1, LabelSpace.BRATS_2018);
            folders.predict("BraTS2021_00002.nii.gz", 3, LabelSpace.BRATS_2018);
            LabelMap third = CohortFixture.labels(3, LabelSpace.BRATS_2018);
            Nifti.write(
                    folders.predictions().resolve("BraTS2021_00003.nii.gz"),
                    new LabelMap(third.grid(), new byte[third.voxels().length], third.schema()));
            EvaluationFiles.write(
                    Evaluation.of(folders.predictions(), folders.references(), DEFAULT), folder.resolve("out"));
        }

        @Test
        void scoresAreOneLineASubjectAndRegion() throws IOException {
            List<String> lines = Files.readAllLines(folder.resolve("out/scores.csv"));
            assertEquals(
                    "subject,region,dice,hd95,sensitivity,specificity,reference_ml,predicted_ml,convention,"
                            + "volume_difference_ml,volumetric_dice,slice_dice_mtcm,surface_dice_1mm,surface_dice_2mm",
                    lines.get(0));
            assertEquals(10, lines.size());
            assertEquals(
                    "BraTS2021_00001,WT,1.0,0.0,1.0,1.0,0.064,0.064,BRATS_LEGACY,0.0,1.0,1.0,1.0,1.0", lines.get(1));
            assertTrue(lines.get(7).startsWith("BraTS2021_00003,WT,0.0,373.12866,0.0,1.0,"), lines.get(7));
        }

        @Test
        void summaryHasTheFieldsOfNnUNet() {
            JsonNode summary = JsonFiles.read(folder.resolve("out/summary.json"));
            JsonNode cases = summary.get("metric_per_case");
            assertEquals(3, cases.size());
            JsonNode figures = cases.get(1).get("metrics").get("(1, 2, 4)");
            long tp = figures.get("TP").asLong();
            long fp = figures.get("FP").asLong();
            long fn = figures.get("FN").asLong();
            assertEquals(figures.get("n_pred").asLong(), tp + fp);
            assertEquals(figures.get("n_ref").asLong(), tp + fn);
            assertEquals(960, tp + fp + fn + figures.get("TN").asLong());
            assertEquals(2.0 * tp / (2 * tp + fp + fn), figures.get("Dice").asDouble(), 1e-12);
            assertEquals((double) tp / (tp + fp + fn), figures.get("IoU").asDouble(), 1e-12);
            assertTrue(cases.get(1).get("reference_file").asString().endsWith("BraTS2021_00002_seg.nii.gz"));
            assertTrue(cases.get(1).get("prediction_file").asString().endsWith("BraTS2021_00002.nii.gz"));
            double sum = 0;
            for (String key : List.of("(1, 2, 4)", "(1, 4)", "(4,)")) {
                sum += summary.get("mean").get(key).get("Dice").asDouble();
            }
            assertEquals(sum / 3, summary.get("foreground_mean").get("Dice").asDouble(), 1e-12);
        }

        @Test
        void bratsTableHasTheOfficialColumnsAfterTheSubject() throws IOException {
            List<String> lines = Files.readAllLines(folder.resolve("out/brats.csv"));
            assertEquals(
                    "Subject,Labels,Num_TP,Num_FP,Num_FN,Sensitivity,Specificity,Legacy_Dice,Legacy_HD95,"
                            + "GT_Complete_Volume,LesionWise_Score_Dice,LesionWise_Score_HD95",
                    lines.get(0));
            assertEquals(10, lines.size());
            assertEquals("BraTS2021_00001,WT,1.0,0.0,0.0,1.0,1.0,1.0,0.0,64.0,1.0,0.0", lines.get(1));
            assertTrue(lines.get(7).matches("BraTS2021_00003,WT,0.0,0.0,\\d.0,0.0,1.0,0.0,374.0,.*"), lines.get(7));
        }

        @Test
        void scoresJsonHoldsEveryFigureBySubjectAndOnAverage() {
            JsonNode scores = JsonFiles.read(folder.resolve("out/scores.json"));
            assertEquals("BRATS_LEGACY", scores.get("convention").asString());
            assertEquals("2023 GLI", scores.get("brats_rules").asString());
            assertEquals(3, scores.get("cases").size());
            double sum = 0;
            for (JsonNode scored : scores.get("cases")) {
                JsonNode figures = scored.get("regions").get("ET");
                sum += figures.get("slice_dice_mtcm").asDouble();
                assertTrue(figures.has("surface_dice_1mm") && figures.has("volume_difference_ml"), figures.toString());
                assertEquals(
                        figures.get("volumetric_dice").asDouble(),
                        scored.get("brats").get("ET").get("Legacy_Dice").asDouble());
            }
            double mean = scores.get("mean").get("ET").get("slice_dice_mtcm").asDouble();
            assertEquals(sum / 3, mean, 1e-12);
        }

        @Test
        void lesionWiseConventionsPrintTheirLesions() {
            String table = EvaluationText.of(Evaluation.of(
                    folders.predictions(), folders.references(), DEFAULT.withConvention(Convention.LESIONWISE_2023)));
            assertTrue(table.contains("lesion by lesion, 2023 GLI"), table);
            assertEquals(9, table.lines().count());
        }

        @Test
        void theConventionOfSlicesPrintsVolumetricDiceToo() {
            Evaluation evaluation = Evaluation.of(
                    folders.predictions(), folders.references(), DEFAULT.withConvention(Convention.SLICE_MTCM));
            String text = EvaluationText.of(evaluation);
            assertTrue(text.contains("\nregion   slice Dice      std "), text);
            assertTrue(text.contains("\nvolumetric Dice of the same masks: WT 0."), text);
        }

        @Test
        void doesNotDependOnThreads() {
            Evaluation one = Evaluation.of(folders.predictions(), folders.references(), DEFAULT.withThreads(1));
            Evaluation many = Evaluation.of(folders.predictions(), folders.references(), DEFAULT.withThreads(9));
            assertEquals(
                    JsonFiles.text(EvaluationFiles.scoresJson(one)), JsonFiles.text(EvaluationFiles.scoresJson(many)));
        }

        @Test
        void theTerminalMarksEveryRegionIfASubjectLeaks() {
            Evaluation evaluation = Evaluation.of(folders.predictions(), folders.references(), DEFAULT)
                    .withLeaks(
                            Map.of("BraTS2021_00002", "student trained on it: same id", "somebody else", "same id"),
                            List.of());
            String expected = """
                    LEAKAGE: 1 of the 3 subjects were met in training; what they score says nothing about unseen patients
                      BraTS2021_00002: student trained on it: same id
                    region         Dice      std   HD95 mm  sensitivity  specificity  reference ml  predicted ml
                    """;
            String text = EvaluationText.of(evaluation);
            assertTrue(text.contains(expected), text);
            assertTrue(
                    text.lines()
                                    .filter(line -> line.matches("(WT|TC|ET) {6}.*\\d  LEAKAGE"))
                                    .count()
                            == 3,
                    text);
        }

        @Test
        void csvFilesSayInALastColumnWhichSubjectLeaks() {
            Evaluation evaluation = Evaluation.of(folders.predictions(), folders.references(), DEFAULT)
                    .withLeaks(Map.of("BraTS2021_00001", "same voxels as \"x\", y"), List.of());
            for (String csv : List.of(EvaluationFiles.scoresCsv(evaluation), EvaluationFiles.bratsCsv(evaluation))) {
                List<String> lines = csv.lines().toList();
                assertTrue(lines.get(0).toLowerCase(Locale.ROOT).endsWith(",leakage"), lines.get(0));
                assertTrue(lines.get(1).endsWith(",\"same voxels as \"\"x\"\", y\""), lines.get(1));
                assertTrue(lines.get(4).endsWith(","), lines.get(4));
            }
        }

        @Test
        void aModelThatDoesNotRecordItsTrainingIsNamedWithTheScores() {
            Evaluation evaluation = Evaluation.of(folders.predictions(), folders.references(), DEFAULT)
                    .withLeaks(Map.of(), List.of("public.safetensors"));
            String text = EvaluationText.of(evaluation);
            assertTrue(
                    text.contains(
                            "\npublic.safetensors does not record its training subjects, or those of its teachers;"
                                    + " leakage through it cannot be found\n"),
                    text);
            for (Map<String, Object> file :
                    List.of(EvaluationFiles.scoresJson(evaluation), EvaluationFiles.summaryJson(evaluation))) {
                assertEquals(List.of("public.safetensors"), file.get("leakage_unknown"));
            }
        }

        @Test
        void theExampleOfTheDocumentationRuns() {
            EvaluationOptions options = EvaluationOptions.DEFAULT.withConvention(Convention.BRATS_LEGACY);
            Evaluation evaluation = Evaluation.of(folders.predictions(), folders.references(), options);
            double dice = evaluation.mean(Region.WT, RegionScore::dice);
            EvaluationFiles.write(evaluation, folder.resolve("scores"));
            assertTrue(dice > 0 && dice < 1, "mean Dice " + dice);
            assertTrue(Files.exists(folder.resolve("scores/scores.csv")));
        }

        @Test
        void tableNamesConventionAndSchema() {
            String table = EvaluationText.of(Evaluation.of(folders.predictions(), folders.references(), DEFAULT));
            assertTrue(
                    table.startsWith("3 subjects, convention BRATS_LEGACY with HD95_MEDPY, schema BRATS_2018"), table);
            assertEquals(5, table.lines().count());
        }
    }

    @Test
    void severalScansOfAPatientAreCountedAndWarnedAbout() {
        for (String id : List.of("sub-1_ses-1", "sub-1_ses-2", "sub-2_ses-1")) {
            CohortFixture.writeLabels(folder.resolve("sessions/" + id + ".nii.gz"), 1);
        }
        Path sessions = folder.resolve("sessions");
        Evaluation evaluation = Evaluation.of(sessions, sessions, DEFAULT.withSchema(LabelSpace.BRATS_2018));
        String text = EvaluationText.of(evaluation);
        assertTrue(text.startsWith("3 subjects of 2 patients, convention"), text);
        assertTrue(
                text.contains("\n3 scored subjects of 2 patients: means, intervals and tests count each scan"), text);
        JsonNode scores = JsonFiles.parse(JsonFiles.text(EvaluationFiles.scoresJson(evaluation)));
        assertEquals(2, scores.get("patients").asInt());
    }

    @Nested
    class Probabilities {
        private LabelMap truth;

        @BeforeEach
        void writeLabels() {
            truth = CohortFixture.labels(1, LabelSpace.BRATS_2018);
            folders.predict("BraTS2021_00001.nii.gz", 1, LabelSpace.BRATS_2018);
        }

        private void write(Region region, float inside) {
            float[] voxels = new float[truth.voxels().length];
            truth.mask(region).stream().forEach(i -> voxels[i] = inside);
            Nifti.write(
                    folders.predictions().resolve("BraTS2021_00001_prob_" + region + ".nii.gz"),
                    new Volume(truth.grid(), voxels));
        }

        @Test
        void besideALabelMapGiveItsCalibrationAndAreNoPredictionsNorIsItsUncertainty() {
            Region.BRATS.forEach(region -> write(region, 0.75f));
            Nifti.write(
                    folders.predictions().resolve("BraTS2021_00001_uncertainty.nii.gz"),
                    new Volume(truth.grid(), new float[truth.voxels().length]));
            Evaluation evaluation = Evaluation.of(folders.predictions(), folders.references(), DEFAULT);
            assertEquals(List.of(), evaluation.unmatchedPredictions());
            Calibration calibration = evaluation.cases().get(0).calibration().get(Region.ET);
            double share = truth.mask(Region.ET).cardinality() / (double) truth.voxels().length;
            assertEquals(share * 0.0625, calibration.everywhere().brier(), 1e-12);
            assertEquals(share * 0.25, calibration.everywhere().expectedError(), 1e-12);
            assertTrue(
                    EvaluationText.of(evaluation).contains("calibration of ET over 1 subjects: Brier"),
                    EvaluationText.of(evaluation));
            EvaluationFiles.write(evaluation, folder.resolve("out"));
            JsonNode json = JsonFiles.read(folder.resolve("out/scores.json"));
            JsonNode written =
                    json.get("cases").get(0).get("calibration").get("ET").get("everywhere");
            assertEquals(ReliabilityDiagram.BINS, written.get("bins").size());
            assertEquals(share * 0.0625, written.get("brier").asDouble(), 1e-12);
        }

        @Test
        void thatAreNoneAreRefusedByName() {
            write(Region.WT, 1.5f);
            String message = assertThrows(
                            InvalidFileException.class,
                            () -> Evaluation.of(folders.predictions(), folders.references(), DEFAULT))
                    .getMessage();
            assertTrue(message.contains("_prob_WT") && message.contains("1.5"), message);
            assertEquals(1, message.lines().count());
        }
    }

    @Test
    void summaryWritesNaNWhereBothMasksAreEmptyAndLeavesItOutOfMeans() throws IOException {
        LabelMap first = CohortFixture.labels(1, LabelSpace.BRATS_2018);
        Path flat = folder.resolve("flat");
        LabelMap nothing = new LabelMap(first.grid(), new byte[first.voxels().length], first.schema());
        Nifti.write(flat.resolve("a.nii.gz"), first);
        Nifti.write(flat.resolve("b.nii.gz"), nothing);
        Evaluation evaluation = Evaluation.of(flat, flat, DEFAULT);
        EvaluationFiles.write(evaluation, folder.resolve("out"));
        String json = Files.readString(folder.resolve("out/summary.json"));
        assertTrue(json.contains("\"Dice\" : NaN"), json);
        JsonNode mean = JsonFiles.read(folder.resolve("out/summary.json")).get("mean");
        assertEquals(1, mean.get("(4,)").get("Dice").asDouble());
    }
}
