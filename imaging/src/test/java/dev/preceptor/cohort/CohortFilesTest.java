package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a cohort uses, refuses or reports files, by their names and their state. */
class CohortFilesTest {
    @TempDir
    Path root;

    private Path image(String path, int subject, Sequence sequence) {
        return CohortFixture.writeImage(root.resolve(path), subject, sequence);
    }

    private Path labels(String path, int subject) {
        return CohortFixture.writeLabels(root.resolve(path), subject);
    }

    private static void assertUnused(Cohort cohort, String name, String reason) {
        List<UnusedFile> found = cohort.unused().stream()
                .filter(file -> file.path().getFileName().toString().equals(name))
                .toList();
        assertEquals(1, found.size(), cohort.unused().toString());
        assertTrue(found.get(0).reason().contains(reason), found.get(0).reason());
    }

    private void assertOneError(String... parts) {
        CohortSummary summary = CohortSummary.of(Cohort.open(root));
        List<Problem> errors =
                summary.problems().stream().filter(Problem::unusable).toList();
        assertEquals(1, errors.size(), errors.toString());
        for (String part : parts) {
            assertTrue(errors.get(0).text().contains(part), errors.get(0).text());
        }
        assertEquals(1, errors.get(0).text().lines().count());
    }

    @Nested
    class OfBids {
        @Test
        void anImageAfterContrastAgentIsT1CEOfTheSameSubject() {
            image("sub-01/anat/sub-01_T1w.nii.gz", 1, Sequence.T1);
            image("sub-01/anat/sub-01_ce-gadolinium_T1w.nii.gz", 1, Sequence.T1CE);
            image("sub-01/anat/sub-01_FLAIR.nii.gz", 1, Sequence.FLAIR);
            Cohort cohort = Cohort.open(root);
            assertEquals(CohortLayout.BIDS, cohort.layout());
            assertEquals(List.of("sub-01"), CohortFixture.ids(cohort));
            assertEquals(List.of(Sequence.FLAIR, Sequence.T1, Sequence.T1CE), cohort.sequences());
        }

        @Test
        void sessionsAreSubjectsOfTheirOwn() {
            image("sub-01/ses-01/anat/sub-01_ses-01_T1w.nii.gz", 1, Sequence.T1);
            image("sub-01/ses-02/anat/sub-01_ses-02_T1w.nii.gz", 2, Sequence.T1);
            assertEquals(List.of("sub-01_ses-01", "sub-01_ses-02"), CohortFixture.ids(Cohort.open(root)));
        }

        @Test
        void labelMapsOfDerivativesBelongToTheirSubject() {
            image("sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz", 1, Sequence.T1);
            Path map = labels("derivatives/manual/sub-01/ses-1/anat/sub-01_ses-1_label-tumor_dseg.nii.gz", 1);
            image("derivatives/fmriprep/sub-01/ses-1/anat/sub-01_ses-1_dseg.nii.gz", 1, Sequence.T2);
            image("derivatives/bet/sub-01/ses-1/anat/sub-01_ses-1_desc-brain_mask.nii.gz", 1, Sequence.T2);
            Cohort cohort = Cohort.open(root);
            assertEquals(map, cohort.subject("sub-01_ses-1").labelFile().orElseThrow());
            assertUnused(cohort, "sub-01_ses-1_dseg.nii.gz", "fmriprep");
            assertUnused(cohort, "sub-01_ses-1_desc-brain_mask.nii.gz", "desc-brain");
        }

        @Test
        void aRawAndAPreprocessedImageAreBothNamed() {
            image("sub-01/anat/sub-01_T1w.nii.gz", 1, Sequence.T1);
            image("derivatives/prep/sub-01/anat/sub-01_space-MNI_desc-preproc_T1w.nii.gz", 1, Sequence.T1CE);
            assertOneError("2 files for T1", "sub-01_T1w.nii.gz", "derivatives/prep/sub-01/anat/sub-01_space-MNI");
            Path prep = root.resolve("derivatives/prep");
            assertEquals(List.of("sub-01"), CohortFixture.ids(Cohort.open(prep)));
            assertEquals(List.of("sub-01"), CohortFixture.ids(Cohort.open(prep.resolve("sub-01"))));
        }

        @Test
        void twoRunsAreBothNamed() {
            image("sub-01/anat/sub-01_run-1_T1w.nii.gz", 1, Sequence.T1);
            image("sub-01/anat/sub-01_run-2_T1w.nii.gz", 2, Sequence.T1);
            assertOneError("run-1", "run-2");
        }
    }

    @Nested
    class OfSeveralCandidates {
        @Test
        void aPackedAndAnUnpackedImageAreBothNamedAndNoneIsRead() {
            CohortFixture.brats2021(root, 1);
            image("BraTS2021_00001/BraTS2021_00001_t1ce.nii", 2, Sequence.T1CE);
            assertOneError("2 files for T1CE", "_t1ce.nii and", "_t1ce.nii.gz");
            Subject subject = Cohort.open(root).subjects().get(0);
            String message = assertThrows(InvalidCohortException.class, () -> subject.volume(Sequence.T1CE))
                    .getMessage();
            assertTrue(message.contains("BraTS2021_00001: there are 2 files"), message);
        }

        @Test
        void synonymsOfASequenceAreBothNamed() {
            CohortFixture.brats2021(root, 1);
            image("BraTS2021_00001/BraTS2021_00001_t1gd.nii.gz", 2, Sequence.T1CE);
            assertOneError("_t1ce.nii.gz", "_t1gd.nii.gz");
        }

        @Test
        void twoLabelMapsAreBothNamed() {
            CohortFixture.brats2021(root, 1);
            labels("BraTS2021_00001/BraTS2021_00001_gtv.nii.gz", 1);
            assertOneError("2 files for the label map", "_seg.nii.gz", "_gtv.nii.gz");
            String message = assertThrows(InvalidCohortException.class, () -> LabelFiles.at(root))
                    .getMessage();
            assertTrue(message.contains("_gtv.nii.gz"), message);
        }

        @Test
        void twoLabelMapsOfADataSetWithDatasetJsonAreBothNamed() throws IOException {
            CohortFixture.nnunet(root, 1);
            Files.copy(root.resolve("labelsTr/BraTS_0001.nii.gz"), root.resolve("labelsTr/BraTS_0001.nii"));
            assertOneError("2 files for the label map", "BraTS_0001.nii and", "BraTS_0001.nii.gz");
        }

        @Test
        void aLinkToAnotherCandidateIsNotASecondFile() throws IOException {
            CohortFixture fixture = CohortFixture.brats2021(root, 1);
            Path file = fixture.file("BraTS2021_00001", "t1ce");
            Files.createSymbolicLink(file.resolveSibling("BraTS2021_00001_t1gd.nii.gz"), file.getFileName());
            Cohort cohort = Cohort.open(root);
            assertTrue(cohort.subjects().get(0).images().containsKey(Sequence.T1CE));
            assertUnused(cohort, "BraTS2021_00001_t1gd.nii.gz", "is the same file as");
        }
    }

    @Nested
    class OfUnusedFiles {
        @Test
        void everyFileIsListedOnceWithItsReason() {
            CohortFixture.brats2021(root, 1);
            image("BraTS2021_00001/BraTS2021_00001_perf.nii.gz", 1, Sequence.T2);
            image("BraTS2021_00001/BraTS2021_00001_brain_mask.nii.gz", 1, Sequence.T2);
            image("BraTS2021_00001/BraTS2021_00001_0000.nii.gz", 1, Sequence.T2);
            labels("other/BraTS2021_00009_seg.nii.gz", 1);
            Cohort cohort = Cohort.open(root);
            assertEquals(4, cohort.unused().size(), cohort.unused().toString());
            assertUnused(cohort, "BraTS2021_00001_perf.nii.gz", "ends neither in a known sequence");
            assertUnused(cohort, "BraTS2021_00001_brain_mask.nii.gz", "mask of the brain");
            assertUnused(cohort, "BraTS2021_00001_0000.nii.gz", "channel 0");
            assertUnused(cohort, "BraTS2021_00009_seg.nii.gz", "label map of BraTS2021_00009");
            CohortSummary summary = CohortSummary.of(cohort);
            assertTrue(summary.toText().contains("not used: 4 files"), summary.toText());
            assertTrue(summary.toJson().contains("\"unused\""), summary.toJson());
        }

        @Test
        void theTextIsBoundedAndTheJsonIsNot() {
            CohortFixture.brats2021(root, 1);
            for (int i = 0; i < 30; i++) {
                image("BraTS2021_00001/BraTS2021_00001_echo" + i + ".nii", 1, Sequence.T2);
            }
            CohortSummary summary = CohortSummary.of(Cohort.open(root));
            assertTrue(summary.toText().contains("and 10 more; --json"), summary.toText());
            for (int i = 0; i < 30; i++) {
                assertTrue(summary.toJson().contains("_echo" + i + ".nii"), "echo " + i);
            }
        }

        @Test
        void aGrossTumourVolumeIsALabelMap() {
            image("BraTS-MEN-RT-0001-1/BraTS-MEN-RT-0001-1_t1c.nii.gz", 1, Sequence.T1CE);
            Path map = labels("BraTS-MEN-RT-0001-1/BraTS-MEN-RT-0001-1_gtv.nii.gz", 1);
            assertEquals(map, Cohort.open(root).subjects().get(0).labelFile().orElseThrow());
        }

        @Test
        void aLabelMapNamedAfterItsImageBelongsToTheSubject() {
            image("all/A_t1c.nii.gz", 1, Sequence.T1CE);
            image("all/B_t1c.nii.gz", 2, Sequence.T1CE);
            Path map = labels("all/B_t1c_seg.nii.gz", 2);
            assertEquals(map, Cohort.open(root).subject("B").labelFile().orElseThrow());
            assertTrue(Cohort.open(root).subject("A").labelFile().isEmpty());
        }

        @Test
        void theRefusalOfAnEmptyCohortNamesAnUnusedFile() {
            image("x/patient_0000.nii.gz", 1, Sequence.T1);
            String message = assertThrows(InvalidCohortException.class, () -> Cohort.open(root))
                    .getMessage();
            assertTrue(message.contains("patient_0000.nii.gz: is by its name channel 0"), message);
        }
    }

    @Nested
    class OfLinks {
        @Test
        void aLinkToNothingIsNamedAsSuch() throws IOException {
            CohortFixture fixture = CohortFixture.brats2021(root, 2);
            Path file = fixture.file("BraTS2021_00001", "t1ce");
            Files.delete(file);
            Files.createSymbolicLink(file, Path.of("../.git/annex/objects/aa/bb/MD5E-s1--x.nii.gz"));
            assertOneError("BraTS2021_00001_t1ce.nii.gz is a link to nothing", "datalad get");
        }

        @Test
        void theOnlyImageOfACohortMayBeALinkToNothing() throws IOException {
            Files.createDirectories(root.resolve("a"));
            Files.createSymbolicLink(root.resolve("a/a_t1ce.nii.gz"), Path.of("nowhere"));
            assertOneError("a_t1ce.nii.gz is a link to nothing");
        }

        @Test
        void aPointerToUnfetchedContentIsNamedAsSuch() throws IOException {
            CohortFixture fixture = CohortFixture.brats2021(root, 2);
            Files.writeString(fixture.file("BraTS2021_00001", "t1ce"), "/annex/objects/MD5E-s3--ab.nii.gz\n");
            Files.writeString(fixture.file("BraTS2021_00001", "seg"), "version https://git-lfs.github.com/spec/v1\n");
            List<String> faults =
                    Cohort.open(root).subject("BraTS2021_00001").faults().lines();
            assertTrue(faults.get(0).contains("pointer of git-annex"), faults.toString());
            assertTrue(faults.get(1).contains("git lfs pull"), faults.toString());
        }

        @Test
        void eachRealFolderIsVisitedOnce() throws IOException {
            Path cohort = root.resolve("cohort");
            CohortFixture.brats2021(cohort, 1);
            CohortFixture.brats2021(root.resolve("outside"), 2);
            Path subject = cohort.resolve("BraTS2021_00001");
            Files.createSymbolicLink(subject.resolve("self"), Path.of("."));
            Files.createSymbolicLink(subject.resolve("parent"), Path.of(".."));
            Files.createSymbolicLink(cohort.resolve("above"), Path.of(".."));
            Files.createSymbolicLink(cohort.resolve("again"), Path.of("BraTS2021_00001"));
            Files.createSymbolicLink(cohort.resolve("A"), Path.of("BraTS2021_00001"));
            CohortSummary summary = CohortSummary.of(Cohort.open(cohort));
            assertEquals(List.of("BraTS2021_00001"), CohortFixture.ids(summary.cohort()));
            assertEquals(List.of(), summary.problems());
            assertEquals(List.of(), summary.cohort().unused());
            assertEquals(
                    subject,
                    summary.cohort()
                            .subjects()
                            .get(0)
                            .image(Sequence.T1)
                            .files()
                            .get(0)
                            .getParent());
        }

        @Test
        void aLinkToASubjectElsewhereIsFollowed() throws IOException {
            CohortFixture.brats2021(root.resolve("store"), 1);
            Files.createDirectories(root.resolve("cohort"));
            Files.createSymbolicLink(root.resolve("cohort/BraTS2021_00001"), root.resolve("store/BraTS2021_00001"));
            assertEquals(List.of("BraTS2021_00001"), CohortFixture.ids(Cohort.open(root.resolve("cohort"))));
        }
    }

    @Test
    void aFolderWithTheNameOfAFileStandsForTheFileInIt() throws IOException {
        Path file = image("P1/P1_t1ce.nii/00000057_final_t1ce.nii", 1, Sequence.T1CE);
        image("P1/P1_flair.nii/00000057_final_flair.nii", 1, Sequence.FLAIR);
        Path map = labels("P1/P1_seg.nii/P1_seg.nii", 1);
        Subject subject = Cohort.open(root).subjects().get(0);
        assertEquals("P1", subject.id());
        assertEquals(file, subject.image(Sequence.T1CE).files().get(0));
        assertEquals(map, subject.labelFile().orElseThrow());
        Files.delete(file);
        assertOneError("P1_t1ce.nii is a folder that holds no NIfTI file");
    }

    @Test
    void composedAndDecomposedNamesAreTheSameId() throws IOException {
        String composed = "Zo\u00eb";
        String decomposed = "Zoe\u0308";
        try {
            image("a/" + composed + "_t1ce.nii.gz", 1, Sequence.T1CE);
        } catch (RuntimeException e) {
            assumeTrue(false, "this file system or locale has no accents");
        }
        labels("a/" + decomposed + "_seg.nii.gz", 1);
        Cohort cohort = Cohort.open(root);
        assertEquals(List.of(composed), CohortFixture.ids(cohort));
        assertTrue(cohort.subject(decomposed).hasLabels());
        labels("flat/" + decomposed + ".nii.gz", 1);
        assertEquals(
                List.of(composed),
                List.copyOf(LabelFiles.at(root.resolve("flat")).byId().keySet()));
    }

    @Test
    void oneUnreadableFolderIsNamedAndTheOthersAreRead() throws IOException {
        CohortFixture.brats2021(root, 2);
        Path closed = root.resolve("BraTS2021_00002");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        try {
            assumeTrue(!Files.isReadable(closed), "an administrator reads every folder");
            assertOneError("BraTS2021_00002", "cannot be listed: permission denied");
            assertEquals(2, Cohort.open(root).subjects().size());
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
