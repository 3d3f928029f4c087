package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flat folders of label maps, and folders inside a data set with a {@code dataset.json}. */
class FlatFoldersTest {
    @TempDir
    Path root;

    private Path image(String path, int subject, Sequence sequence) {
        return CohortFixture.writeImage(root.resolve(path), subject, sequence);
    }

    private void labels(String path, int subject) {
        CohortFixture.writeLabels(root.resolve(path), subject);
    }

    @Nested
    class OfLabelFolders {
        @Test
        void idsThatEndLikeASequenceAreSubjects() {
            labels("P01_T1.nii.gz", 1);
            labels("P01_T2.nii.gz", 2);
            labels("P02.nii.gz", 3);
            assertEquals(
                    List.of("P01_T1", "P01_T2", "P02"),
                    List.copyOf(LabelFiles.at(root).byId().keySet()));
        }

        @Test
        void imagesBesideLabelMapsAreNamedAndLeftOut() {
            labels("P01_seg.nii.gz", 1);
            image("P01_T1.nii.gz", 1, Sequence.T1);
            Path map = root.resolve("P01_seg.nii.gz");
            LabelFiles files = LabelFiles.at(root);
            assertEquals(map, files.byId().get("P01"));
            assertEquals(1, files.byId().size());
            assertTrue(
                    files.unused().get(0).reason().contains("T1 of P01"),
                    files.unused().toString());
        }

        @Test
        void aLinkToNothingIsNamedAsSuch() throws IOException {
            Files.createSymbolicLink(root.resolve("P01.nii.gz"), Path.of("nowhere"));
            for (Path place : List.of(root, root.resolve("P01.nii.gz"))) {
                String message = assertThrows(PreceptorException.class, () -> LabelFiles.at(place))
                        .getMessage();
                assertTrue(message.contains("is a link to nothing"), message);
            }
        }
    }

    @Nested
    class OfFoldersOfADataSet {
        @Test
        void imagesTsIsReadByTheDescriptionAboveIt() throws IOException {
            CohortFixture.nnunet(root, 2);
            Files.createDirectories(root.resolve("imagesTs"));
            for (int channel = 0; channel < 4; channel++) {
                Files.copy(
                        root.resolve("imagesTr/BraTS_0002_000" + channel + ".nii.gz"),
                        root.resolve("imagesTs/BraTS_0900_000" + channel + ".nii.gz"));
            }
            Cohort cohort = Cohort.open(root.resolve("imagesTs"));
            assertEquals(List.of("BraTS_0900"), CohortFixture.ids(cohort));
            assertEquals(
                    "BraTS_0900_0001.nii.gz",
                    cohort.subjects()
                            .get(0)
                            .image(Sequence.T1CE)
                            .files()
                            .get(0)
                            .getFileName()
                            .toString());
            assertEquals(List.of("BraTS_0001", "BraTS_0002"), CohortFixture.ids(Cohort.open(root)));
            UnusedFile unused = Cohort.open(root).unused().get(1);
            assertEquals("BraTS_0900_0001.nii.gz", unused.path().getFileName().toString());
            assertTrue(unused.reason().contains("is in imagesTs"), unused.reason());
        }

        @Test
        void fourDimensionalImagesTsIsReadToo() throws IOException {
            CohortFixture.msd(root, 1);
            Files.createDirectories(root.resolve("imagesTs"));
            Path file = root.resolve("imagesTs/BRATS_0900.nii");
            Files.copy(root.resolve("imagesTr/BRATS_001.nii"), file);
            Cohort cohort = Cohort.open(root.resolve("imagesTs"));
            assertEquals(List.of("BRATS_0900"), CohortFixture.ids(cohort));
            assertEquals(NiftiImage.of(file, 2), cohort.subjects().get(0).image(Sequence.T1CE));
            assertEquals(NiftiImage.of(file, 2), SingleImage.at(file).images().get(Sequence.T1CE));
        }

        @Test
        void aChannelIsKnownByTheDescriptionBesideOrAboveIt() throws IOException {
            CohortFixture.nnunet(root, 1);
            SingleImage channel = SingleImage.at(root.resolve("imagesTr/BraTS_0001_0001.nii.gz"));
            assertEquals("BraTS_0001", channel.id());
            assertEquals(List.of(Sequence.T1CE), List.copyOf(channel.images().keySet()));
            Path beside = image("own/deep/x_0000.nii.gz", 1, Sequence.T1);
            assertTrue(SingleImage.at(beside).images().isEmpty());
            assertTrue(SingleImage.at(beside).doubt().orElseThrow().contains("channel 0"));
            Files.copy(root.resolve("dataset.json"), root.resolve("own/deep/dataset.json"));
            assertEquals(
                    List.of(Sequence.T1),
                    List.copyOf(SingleImage.at(beside).images().keySet()));
        }
    }
}
