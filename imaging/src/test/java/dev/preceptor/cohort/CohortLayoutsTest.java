package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CohortLayoutsTest {
    @TempDir
    Path root;

    @Nested
    class OfBrats {
        @Test
        void year2021IsRecognised() {
            Cohort cohort = Cohort.open(CohortFixture.brats2021(root, 2).root());
            assertCohort(
                    cohort, CohortLayout.BRATS, LabelSpace.BRATS_2018, List.of("BraTS2021_00001", "BraTS2021_00002"));
        }

        @Test
        void year2018IsRecognisedInGradeFoldersAndWithoutCompression() {
            new CohortFixture(root)
                    .legacySubject("HGG", "Brats18_TCIA02_1_1", 1, ".nii")
                    .legacySubject("LGG", "Brats18_TCIA09_2_1", 2, ".nii");
            assertCohort(
                    Cohort.open(root),
                    CohortLayout.BRATS,
                    LabelSpace.BRATS_2018,
                    List.of("Brats18_TCIA02_1_1", "Brats18_TCIA09_2_1"));
        }

        @Test
        void theUnrelatedLabelNameOfBrats2020OnKaggleBelongsToItsFolder() throws IOException {
            CohortFixture fixture = new CohortFixture(root).legacySubject("", "BraTS20_Training_355", 1, ".nii");
            Path seg = fixture.file("BraTS20_Training_355", "seg");
            Files.move(seg, seg.resolveSibling("W39_1998.09.19_Segm.nii"));
            assertCohort(Cohort.open(root), CohortLayout.BRATS, LabelSpace.BRATS_2018, List.of("BraTS20_Training_355"));
        }

        @Test
        void year2023IsRecognised() {
            new CohortFixture(root).modernSubject("BraTS-GLI-00001-000", 1, LabelSpace.BRATS_2023);
            assertCohort(Cohort.open(root), CohortLayout.BRATS, LabelSpace.BRATS_2023, List.of("BraTS-GLI-00001-000"));
        }

        @Test
        void year2024IsRecognisedByItsTimePoints() {
            new CohortFixture(root).modernSubject("BraTS-GLI-00001-100", 1, LabelSpace.BRATS_2024);
            assertCohort(Cohort.open(root), CohortLayout.BRATS, LabelSpace.BRATS_2024, List.of("BraTS-GLI-00001-100"));
        }

        @Test
        void yearsThatContradictEachOtherAreRefused() {
            new CohortFixture(root)
                    .modernSubject("BraTS-GLI-00001-000", 1, LabelSpace.BRATS_2023)
                    .legacySubject("", "BraTS2021_00001", 1, ".nii.gz");
            String message = assertThrows(InvalidCohortException.class, () -> Cohort.open(root))
                    .getMessage();
            assertTrue(message.contains("mixes BraTS to 2021"), message);
        }

        @Test
        void subjectsWithoutAnyLabelsAreACohortForPrediction() {
            CohortFixture.brats2021(root, 2).delete("BraTS2021_00001", "seg").delete("BraTS2021_00002", "seg");
            Cohort cohort = Cohort.open(root);
            assertEquals(2, cohort.subjects().size());
            assertTrue(cohort.subjects().stream().noneMatch(Subject::hasLabels));
            assertTrue(CohortSummary.of(cohort).problems().isEmpty());
            String message = assertThrows(
                            InvalidCohortException.class,
                            () -> cohort.subjects().get(0).labels())
                    .getMessage();
            assertTrue(message.contains("BraTS2021_00001"), message);
        }

        @Test
        void labelMapsWithoutImagesAreNotSubjects() {
            CohortFixture.brats2021(root, 2);
            LabelMap clean = CohortFixture.labels(1, LabelSpace.BRATS_2018);
            Nifti.write(root.resolve("clean/BraTS2021_00001.nii.gz"), clean);
            Nifti.write(root.resolve("other/BraTS2021_00001_seg.nii.gz"), clean);
            assertEquals(2, Cohort.open(root).subjects().size());
        }
    }

    @Nested
    class OfDataSetsWithDatasetJson {
        @Test
        void msdTakesChannelsByNameFromFourDimensions() {
            Cohort cohort = Cohort.open(CohortFixture.msd(root, 2).root());
            assertEquals("BRATS", cohort.name());
            assertCohort(cohort, CohortLayout.MSD, LabelSpace.MSD_TASK01, List.of("BRATS_001", "BRATS_002"));
        }

        @Test
        void nnUNetTakesChannelsByNameAndTissuesFromNestedRegions() {
            assertCohort(
                    Cohort.open(CohortFixture.nnunet(root, 2).root()),
                    CohortLayout.NNUNET,
                    LabelSpace.MSD_TASK01,
                    List.of("BraTS_0001", "BraTS_0002"));
        }

        @Test
        void aFolderThatContainsOneDataSetIsOpened() {
            CohortFixture.msd(root.resolve("Task01_BrainTumour"), 1);
            assertEquals(CohortLayout.MSD, Cohort.open(root).layout());
        }

        @Test
        void labelsOfAnotherOrganKeepTheirNames() throws IOException {
            CohortFixture.msd(root, 1);
            Path json = root.resolve("dataset.json");
            Files.writeString(json, Files.readString(json).replace("edema", "pancreas"));
            Cohort cohort = Cohort.open(root);
            assertFalse(cohort.schema().hasBratsRegions());
            assertTrue(
                    cohort.schema().toString().contains("1 pancreas"),
                    cohort.schema().toString());
        }

        @Test
        void aBrokenDescriptionIsNamedWithItsLine() throws IOException {
            CohortFixture.msd(root, 1);
            Files.writeString(root.resolve("dataset.json"), "{\n\"labels\": {,}");
            String message = assertThrows(InvalidFileException.class, () -> Cohort.open(root))
                    .getMessage();
            assertTrue(message.contains("dataset.json") && message.contains("line 2"), message);
        }
    }

    @Nested
    class WithoutOfficialIds {
        @Test
        void aFourWithoutAThreeOverTheWholeSetMeansEnhancingTumour() {
            new CohortFixture(root).legacySubject("", "alice", 1, ".nii.gz").legacySubject("", "bob", 2, ".nii.gz");
            Cohort cohort = Cohort.open(root);
            assertEquals(LabelSpace.BRATS_2018, cohort.schema());
            assertTrue(cohort.schemaReason().contains("2 label maps"), cohort.schemaReason());
        }

        @Test
        void aDeclarationByPreceptorDecides() {
            CohortFixture fixture = new CohortFixture(root).legacySubject("", "alice", 1, ".nii.gz");
            Nifti.write(fixture.file("alice", "seg"), CohortFixture.labels(1, LabelSpace.MSD_TASK01));
            assertEquals(LabelSpace.MSD_TASK01, Cohort.open(root).schema());
        }
    }

    @Test
    void aFolderWithoutSubjectsSaysWhatIsExpected() {
        String message = assertThrows(InvalidCohortException.class, () -> Cohort.open(root))
                .getMessage();
        assertTrue(message.contains("no subject found") && message.contains("_t1ce.nii.gz"), message);
        assertThrows(InvalidCohortException.class, () -> Cohort.open(root.resolve("absent")));
    }

    @Test
    void aSelectionKeepsTheNamedSubjectsAndRefusesUnknownOnes() {
        Cohort cohort = Cohort.open(CohortFixture.brats2021(root, 3).root());
        assertEquals(
                List.of("BraTS2021_00002"),
                cohort.only(List.of("BraTS2021_00002")).subjects().stream()
                        .map(Subject::id)
                        .toList());
        String message = assertThrows(InvalidCohortException.class, () -> cohort.only(List.of("x")))
                .getMessage();
        assertTrue(message.endsWith("has no subject x"), message);
    }

    private static void assertCohort(Cohort cohort, CohortLayout layout, LabelSpace schema, List<String> ids) {
        assertEquals(layout, cohort.layout());
        assertEquals(schema, cohort.schema());
        assertEquals(ids, cohort.subjects().stream().map(Subject::id).toList());
        for (int n = 1; n <= ids.size(); n++) {
            Subject subject = cohort.subjects().get(n - 1);
            for (Sequence sequence : Sequence.BRATS) {
                assertArrayEquals(
                        CohortFixture.volume(n, sequence).voxels(),
                        subject.volume(sequence).voxels(),
                        subject.id() + " " + sequence);
            }
            LabelMap expected = CohortFixture.labels(n, LabelSpace.BRATS_2018);
            for (Region region : Region.BRATS) {
                assertEquals(expected.mask(region), subject.labels().mask(region), subject.id() + " " + region);
            }
        }
        assertEquals(List.of(), CohortSummary.of(cohort).problems());
    }
}
