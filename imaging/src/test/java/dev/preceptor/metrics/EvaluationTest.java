package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Resampling;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
    private static final EvaluationOptions DEFAULT = EvaluationOptions.DEFAULT.withThreads(2);

    @TempDir
    Path folder;

    private ScoredFolders folders;

    @BeforeEach
    void writeReferences() {
        folders = ScoredFolders.in(folder);
    }

    @Nested
    class Pairing {
        @Test
        void findsPredictionsByIdWithAndWithoutSuffix() {
            folders.predict("BraTS2021_00001.nii.gz", 1, LabelSpace.BRATS_2018);
            folders.predict("BraTS2021_00002_seg.nii", 2, LabelSpace.BRATS_2018);
            folders.predict("BraTS2021_00003-seg.nii.gz", 3, LabelSpace.BRATS_2018);
            Evaluation evaluation = Evaluation.of(folders.predictions(), folders.references(), DEFAULT);
            assertEquals(
                    List.of("BraTS2021_00001", "BraTS2021_00002", "BraTS2021_00003"),
                    evaluation.cases().stream().map(Evaluation.Case::subject).toList());
            for (Region region : Region.BRATS) {
                assertEquals(1, evaluation.mean(region, RegionScore::dice));
                assertEquals(0, evaluation.mean(region, RegionScore::hd95Mm));
            }
        }

        @Test
        void reportsWhatHasNoPartner() {
            folders.predict("BraTS2021_00001.nii.gz", 1, LabelSpace.BRATS_2018);
            folders.predict("stranger.nii.gz", 1, LabelSpace.BRATS_2018);
            Evaluation evaluation = Evaluation.of(folders.predictions(), folders.references(), DEFAULT);
            assertEquals(List.of("stranger"), evaluation.unmatchedPredictions());
            assertEquals(List.of("BraTS2021_00002", "BraTS2021_00003"), evaluation.unmatchedReferences());
            assertTrue(EvaluationText.of(evaluation).contains("1 prediction without a reference (stranger)"));
            assertTrue(EvaluationText.of(evaluation).contains("2 references without a prediction"));
        }

        @Test
        void takesTwoFilesForAPairWhateverTheirNames() {
            folders.predict("mine.nii.gz", 1, LabelSpace.BRATS_2018);
            Path reference = folders.references().resolve("BraTS2021_00001/BraTS2021_00001_seg.nii.gz");
            Evaluation evaluation = Evaluation.of(folders.predictions().resolve("mine.nii.gz"), reference, DEFAULT);
            assertEquals("BraTS2021_00001", evaluation.cases().get(0).subject());
        }

        @Test
        void takesAFlatFolderOfReferences() {
            folders.predict("a.nii.gz", 1, LabelSpace.BRATS_2018);
            Path flat = folder.resolve("flat");
            CohortFixture.writeForeign(flat.resolve("a_seg.nii.gz"), CohortFixture.labels(1, LabelSpace.BRATS_2018));
            assertEquals(
                    1,
                    Evaluation.of(folders.predictions(), flat, DEFAULT).cases().size());
        }

        @Test
        void takesADataSetWithDatasetJson() {
            Path nnunet = CohortFixture.nnunet(folder.resolve("nnunet"), 1).root();
            folders.predict("BraTS_0001.nii.gz", 1, LabelSpace.MSD_TASK01);
            Evaluation evaluation = Evaluation.of(folders.predictions(), nnunet, DEFAULT);
            assertEquals(LabelSpace.MSD_TASK01, evaluation.schema().schema());
            assertEquals(1, evaluation.mean(Region.TC, RegionScore::dice));
        }

        @Test
        void refusesFoldersThatShareNoId() {
            folders.predict("stranger.nii.gz", 1, LabelSpace.BRATS_2018);
            String message = assertThrows(
                            InvalidCohortException.class,
                            () -> Evaluation.of(folders.predictions(), folders.references(), DEFAULT))
                    .getMessage();
            assertTrue(message.contains("stranger") && message.contains("BraTS2021_00001"), message);
        }
    }

    @Nested
    class Refusals {
        @Test
        void nameDifferentGrids() {
            LabelMap labels = CohortFixture.labels(1, LabelSpace.BRATS_2018);
            Nifti.write(
                    folders.predictions().resolve("BraTS2021_00001.nii.gz"),
                    new LabelMap(Grid.of(labels.size(), 1), labels.voxels(), labels.schema()));
            String message = assertThrows(
                            MismatchException.class,
                            () -> Evaluation.of(folders.predictions(), folders.references(), DEFAULT))
                    .getMessage();
            assertTrue(message.contains("BraTS2021_00001") && message.contains("affine"), message);
            assertEquals(1, message.lines().count());
        }

        @Test
        void ofAnotherGridCanBeReplacedByResampling() {
            LabelMap labels = CohortFixture.labels(1, LabelSpace.BRATS_2018);
            Grid fine = labels.grid().withSpacing(0.5, 0.5, 0.5);
            Nifti.write(folders.predictions().resolve("BraTS2021_00001.nii.gz"), Resampling.nearest(labels, fine));
            String message = assertThrows(
                            MismatchException.class,
                            () -> Evaluation.of(folders.predictions(), folders.references(), DEFAULT))
                    .getMessage();
            assertTrue(message.contains("same grid") && message.contains("resample"), message);
            Evaluation mapped = Evaluation.of(folders.predictions(), folders.references(), DEFAULT.withResampling());
            for (Region region : Region.BRATS) {
                assertEquals(1, mapped.mean(region, RegionScore::dice));
            }
        }

        @Test
        void nameAPredictionThatDeclaresAnotherSchema() {
            folders.predict("BraTS2021_00001.nii.gz", 1, LabelSpace.BRATS_2023);
            String message = assertThrows(
                            MismatchException.class,
                            () -> Evaluation.of(folders.predictions(), folders.references(), DEFAULT))
                    .getMessage();
            assertTrue(message.contains("BRATS_2023") && message.contains("BRATS_2018"), message);
            Evaluation mapped = Evaluation.of(
                    folders.predictions(), folders.references(), DEFAULT.withPredictionSchema(LabelSpace.BRATS_2023));
            assertEquals(1, mapped.mean(Region.ET, RegionScore::dice));
        }

        @Test
        void nameALabelThatTheSchemaDoesNotDefine() {
            CohortFixture.writeForeign(
                    folders.predictions().resolve("BraTS2021_00001.nii.gz"),
                    CohortFixture.labels(1, LabelSpace.BRATS_2023));
            String message = assertThrows(
                            InvalidFileException.class,
                            () -> Evaluation.of(folders.predictions(), folders.references(), DEFAULT))
                    .getMessage();
            assertTrue(message.contains("BraTS2021_00001.nii.gz") && message.contains("label 3"), message);
        }
    }
}
