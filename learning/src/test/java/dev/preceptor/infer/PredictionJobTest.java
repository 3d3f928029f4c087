package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.ExclusiveLock;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiDatatype;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionJobTest {
    private static final Grid GRID =
            new Grid(new Size(20, 18, 16), new Affine(-1, 0, 0, 90, 0, 1, 0, -126, 0, 0, 1.5, -72));

    @TempDir
    Path folder;

    private Predictor predictor;

    @BeforeEach
    void open() {
        predictor = Predictor.open(List.of(Models.small(1)), PredictionOptions.DEFAULTS);
    }

    @AfterEach
    void close() {
        predictor.close();
    }

    private Path image(String name) {
        Path file = folder.resolve(name);
        Nifti.write(file, NoiseVolumes.of(GRID, name.hashCode()));
        return file;
    }

    private PredictionJob.JobResult run(Path input, Path output, boolean probabilities) {
        return new PredictionJob(input, output, probabilities).run(predictor, done -> {});
    }

    private static List<String> namesIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFileBecomesALabelMapOnItsGrid() {
        Path output = folder.resolve("out/x_seg.nii.gz");
        run(image("x_t1ce.nii.gz"), output, false);
        LabelMap labels = Nifti.readLabelMap(output, LabelSpace.BRATS_2018);
        assertTrue(labels.grid().matches(GRID));
        assertEquals(NiftiDatatype.UINT8, Nifti.readHeader(output).datatype());
        assertEquals(List.of("x_seg.nii.gz"), namesIn(output.getParent()));
    }

    @Test
    void probabilitiesAgreeWithTheLabels() {
        Path output = folder.resolve("out");
        run(image("x_t1ce.nii.gz"), output, true);
        assertEquals(
                List.of(
                        "predictions.json",
                        "summary.csv",
                        "x.nii.gz",
                        "x_prob_ET.nii.gz",
                        "x_prob_TC.nii.gz",
                        "x_prob_WT.nii.gz"),
                namesIn(output));
        LabelMap labels = Nifti.readLabelMap(output.resolve("x.nii.gz"), LabelSpace.BRATS_2018);
        Volume enhancing = Nifti.readVolume(output.resolve("x_prob_ET.nii.gz"));
        assertEquals(
                NiftiDatatype.FLOAT32,
                Nifti.readHeader(output.resolve("x_prob_ET.nii.gz")).datatype());
        assertTrue(enhancing.grid().matches(GRID));
        for (int i = 0; i < enhancing.voxels().length; i++) {
            assertEquals(enhancing.voxels()[i] > 0.5f, labels.mask(Region.ET).get(i));
        }
    }

    @Test
    void aCohortBecomesAFolderOfLabelMaps() {
        for (String id : List.of("a", "b")) {
            image("cohort/" + id + "/" + id + "_t1ce.nii.gz");
            image("cohort/" + id + "/" + id + "_t2.nii.gz");
        }
        List<PredictionJob.Done> reported = new ArrayList<>();
        List<PredictionJob.Done> done = new PredictionJob(folder.resolve("cohort"), folder.resolve("out"), false)
                .run(predictor, reported::add)
                .done();
        assertEquals(done, reported);
        assertEquals(
                List.of("a", "b"), done.stream().map(PredictionJob.Done::id).toList());
        assertEquals(
                List.of("a.nii.gz", "b.nii.gz", "predictions.json", "summary.csv"), namesIn(folder.resolve("out")));
    }

    @Test
    void theFolderOfOneSubjectCanBecomeOneFile() {
        image("a/a_t1ce.nii");
        run(folder.resolve("a"), folder.resolve("seg.nii"), false);
        assertTrue(Nifti.readLabelMap(folder.resolve("seg.nii"), LabelSpace.BRATS_2018)
                .grid()
                .matches(GRID));
    }

    @Test
    void theSequenceOfAFileCanBeGiven() {
        Path output = folder.resolve("out");
        PredictionJob job = new PredictionJob(image("x_0000.nii.gz"), output, false, Optional.of(Sequence.T1CE));
        assertEquals("x", job.run(predictor, done -> {}).done().get(0).id());
        PredictionJob other = new PredictionJob(image("x_0000.nii.gz"), output, false, Optional.of(Sequence.T2));
        String message = assertThrows(PreceptorException.class, () -> other.run(predictor, done -> {}))
                .getMessage();
        assertTrue(message.contains("--sequence says that this is a T2 image"), message);
    }

    @Test
    void aFileOfBidsAfterContrastAgentIsT1CE() {
        assertEquals(
                "sub-01",
                run(image("sub-01_ce-gadolinium_T1w.nii.gz"), folder.resolve("out"), false)
                        .done()
                        .get(0)
                        .id());
    }

    @Test
    void theFilesBesideAnOutputFileHaveItsName() {
        for (String patient : List.of("p1", "p2")) {
            PredictionJob job = new PredictionJob(
                    image(patient + "/t1ce.nii.gz"),
                    folder.resolve("out/" + patient + ".nii.gz"),
                    true,
                    Optional.empty(),
                    new NiftiSegmentations(),
                    true);
            job.run(predictor, done -> {});
        }
        List<String> endings =
                List.of(".nii.gz", "_prob_ET.nii.gz", "_prob_TC.nii.gz", "_prob_WT.nii.gz", "_uncertainty.nii.gz");
        assertEquals(
                Stream.of("p1", "p2")
                        .flatMap(patient -> endings.stream().map(ending -> patient + ending))
                        .toList(),
                namesIn(folder.resolve("out")));
    }

    @Test
    void outputsOfAnImageThatWasReplacedAreRemovedWhereTheNewOneCannotBeRead() throws IOException {
        for (String id : List.of("a", "b", "c")) {
            image("cohort/" + id + "/" + id + "_t1ce.nii.gz");
        }
        Path output = folder.resolve("out");
        run(folder.resolve("cohort"), output, true);
        Files.writeString(folder.resolve("cohort/a/a_t1ce.nii.gz"), "no image");
        Files.delete(folder.resolve("cohort/c/c_t1ce.nii.gz"));
        image("cohort/c/c_t2.nii.gz");
        Files.writeString(output.resolve("a_prob_ET.nii.gz"), "of somebody else");
        PredictionJob.JobResult result = run(folder.resolve("cohort"), output, true);
        assertEquals(
                List.of("a", "c"),
                result.failed().stream().map(PredictionJob.Failure::id).toList());
        assertEquals(
                List.of(
                        "a_prob_ET.nii.gz",
                        "b.nii.gz",
                        "b_prob_ET.nii.gz",
                        "b_prob_TC.nii.gz",
                        "b_prob_WT.nii.gz",
                        "predictions.json",
                        "summary.csv"),
                namesIn(output));
        assertEquals(Set.of("b"), PredictionIndex.read(output).keySet());
    }

    @Test
    void outputsOfTheOnlySubjectAreRemovedWhereItLacksTheSequenceNow() throws IOException {
        Path image = image("cohort/a/a_t1ce.nii.gz");
        Path output = folder.resolve("out");
        run(folder.resolve("cohort"), output, false);
        Files.move(image, image.resolveSibling("a_t2.nii.gz"));
        String message = assertThrows(PreceptorException.class, () -> run(folder.resolve("cohort"), output, false))
                .getMessage();
        assertTrue(message.startsWith("subject a: has no T1CE"), message);
        assertEquals(List.of("predictions.json", "summary.csv"), namesIn(output));
        assertEquals(Set.of(), PredictionIndex.read(output).keySet());
        assertTrue(Files.readString(output.resolve("summary.csv")).contains("\na,failed,"));
    }

    @Test
    void anEntryThatNamesAFileOutsideTheFolderRemovesNothing() throws IOException {
        Path image = image("x_t1ce.nii.gz");
        Path output = folder.resolve("out");
        run(image, output, false);
        Path foreign = Files.writeString(folder.resolve("precious.txt"), "mine");
        Path index = output.resolve("predictions.json");
        Files.writeString(
                index,
                Files.readString(index)
                        .replaceFirst(
                                "\"x\\.nii\\.gz\" : \"[0-9a-f]+\"",
                                "\"../precious.txt\" : \"" + Sha256.of(foreign) + "\""));
        assertTrue(Files.readString(index).contains("../precious.txt"));
        run(image, output, false);
        assertEquals("mine", Files.readString(foreign));
    }

    @Test
    void aFolderIntoWhichAnotherRunWritesIsRefused() throws IOException {
        Path image = image("x_t1ce.nii.gz");
        Path output = Files.createDirectory(folder.resolve("out"));
        try (ExclusiveLock other = ExclusiveLock.take(output.resolve(".lock")).orElseThrow()) {
            String message = assertThrows(PreceptorException.class, () -> run(image, output, false))
                    .getMessage();
            assertTrue(message.endsWith("wait for its end, or name another folder with --out"), message);
        }
        run(image, output, false);
        assertEquals(List.of("predictions.json", "summary.csv", "x.nii.gz"), namesIn(output));
    }

    @Nested
    class Refuses {
        private void refused(Path input, Path output, String reason) {
            String message = assertThrows(PreceptorException.class, () -> run(input, output, true))
                    .getMessage();
            assertTrue(message.contains(reason), message);
            assertEquals(1, message.lines().count(), message);
        }

        @Test
        void aFileNamedForAnotherSequence() {
            Path output = folder.resolve("out");
            refused(image("x_t2.nii.gz"), output, "by its name this is a T2 image, but the model needs T1CE");
            refused(image("x-t2w.nii.gz"), output, "T2");
            refused(image("flair.nii"), output, "FLAIR");
            assertTrue(Files.notExists(output));
        }

        @Test
        void aChannelOfUnknownSequence() {
            refused(image("x_0000.nii.gz"), folder.resolve("out"), "add --sequence T1CE");
            refused(image("x_post_T1.nii.gz"), folder.resolve("out"), "may be T1CE of x or T1 of x_post");
            refused(image("x_seg.nii.gz"), folder.resolve("out"), "by its name a label map");
        }

        @Test
        void aSubjectWithTwoFilesForTheSequence() {
            image("two/a_t1ce.nii.gz");
            image("two/a_t1c.nii.gz");
            refused(folder.resolve("two"), folder.resolve("out"), "subject a: there are 2 files for T1CE");
        }

        @Test
        void aLinkToNothing() throws IOException {
            Path link = Files.createSymbolicLink(folder.resolve("x_t1ce.nii.gz"), Path.of("nowhere"));
            refused(link, folder.resolve("out"), "is a link to nothing");
        }

        @Test
        void aSubjectWithoutTheSequence() {
            image("cohort/b/b_t2.nii.gz");
            refused(folder.resolve("cohort/b"), folder.resolve("out"), "subject b: has no T1CE");
            assertTrue(Files.notExists(folder.resolve("out")));
        }

        @Test
        void manySubjectsForOneFile() {
            image("cohort/a/a_t1ce.nii.gz");
            image("cohort/b/b_t1ce.nii.gz");
            refused(folder.resolve("cohort"), folder.resolve("all.nii.gz"), "2 subjects");
        }

        @Test
        void aMissingInput() {
            refused(folder.resolve("none.nii.gz"), folder.resolve("out"), "no such file");
        }

        @Test
        void anOutputFolderThatIsAFile() throws Exception {
            Path file = Files.createFile(folder.resolve("taken"));
            refused(image("x_t1ce.nii.gz"), file, "taken");
            assertEquals(0, Files.size(file));
        }
    }
}
