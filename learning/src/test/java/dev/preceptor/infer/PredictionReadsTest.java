package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.FileReads;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a prediction reads, and where its images and outputs may come from. */
class PredictionReadsTest {
    private static final Grid GRID = Grid.of(new Size(20, 18, 16), 1);

    /** Longer than the pointers of git-annex and Git LFS, whose beginning is read. */
    private static final String NO_LABEL_MAP = "no label map ".repeat(100);

    @TempDir
    private Path folder;

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
        Path file = folder.resolve("in").resolve(name);
        Nifti.write(file, NoiseVolumes.of(GRID, name.hashCode()));
        return file;
    }

    private FileReads predict(Path input, Path output) {
        PredictionJob job = new PredictionJob(input, output, true);
        return FileReads.during(
                () -> assertEquals(List.of(), job.run(predictor, done -> {}).failed()));
    }

    @Test
    void aFileIsReadOnce() {
        Path image = image("a_t1ce.nii.gz");
        assertEquals(1, predict(image, folder.resolve("seg.nii.gz")).timesOf(image));
    }

    @Test
    void theImagesOfAFolderAreReadOnceAndHashedOnce() throws IOException {
        List<Path> images = List.of(image("a/a_t1ce.nii.gz"), image("b/b_t1ce.nii.gz"));
        Path other = image("a/a_t2.nii.gz");
        Path labels = Files.writeString(folder.resolve("in/a/a_seg.nii.gz"), NO_LABEL_MAP);
        FileReads reads = predict(folder.resolve("in"), folder.resolve("out"));
        images.forEach(image -> assertEquals(2, reads.timesOf(image), image.toString()));
        assertEquals(0, reads.of(labels));
        assertEquals(0, reads.of(other), "no image of the model, and not the first of the subject");
        FileReads again = predict(folder.resolve("in"), folder.resolve("out"));
        images.forEach(image -> assertEquals(1, again.timesOf(image), "only hashed, " + image));
    }

    @Test
    void neitherLabelMapsNorTheirDescriptionMatter() throws IOException {
        Path image = image("imagesTr/x_0000.nii.gz");
        Path labels = folder.resolve("in/labelsTr/x.nii.gz");
        Files.createDirectories(labels.getParent());
        Files.writeString(labels, NO_LABEL_MAP);
        Files.writeString(
                folder.resolve("in/dataset.json"),
                "{\"channel_names\": {\"0\": \"T1ce\"}, \"labels\": {\"cheese\": \"moon\"}}");
        FileReads reads = predict(folder.resolve("in"), folder.resolve("out"));
        assertEquals(2, reads.timesOf(image));
        assertEquals(0, reads.of(labels));
        assertTrue(Files.exists(folder.resolve("out/x.nii.gz")));
    }

    @Test
    void aSubjectsLabelMapIsNotOverwrittenThoughItIsNotRead() throws IOException {
        image("a/a_t1ce.nii.gz");
        Path labels = Files.writeString(folder.resolve("in/a/a_seg.nii.gz"), NO_LABEL_MAP);
        MismatchException refusal =
                assertThrows(MismatchException.class, () -> predict(folder.resolve("in/a"), labels));
        assertTrue(refusal.getMessage().startsWith(labels + ": is a file of subject a"), refusal.getMessage());
        assertEquals(NO_LABEL_MAP, Files.readString(labels));
    }

    /** An image in memory, as one from an archive or a network would be. */
    private record InMemory(Volume volume, AtomicInteger reads) implements ImageSource {
        record Origin(Grid grid, String series) implements Provenance {}

        @Override
        public Volume read() {
            reads.incrementAndGet();
            return volume;
        }

        @Override
        public Provenance provenance() {
            return new Origin(volume.grid(), "series 7");
        }

        @Override
        public Optional<String> geometryProblem() {
            return Optional.empty();
        }

        @Override
        public List<Path> files() {
            return List.of(Path.of("nowhere"));
        }

        @Override
        public String selector() {
            return "";
        }
    }

    /** Keeps what it is given. */
    private record InMemoryWriter(List<Prediction> predictions, List<Provenance> provenances)
            implements SegmentationWriter {
        @Override
        public boolean namesFile(Path output) {
            return true;
        }

        @Override
        public List<Path> files(Path output, String id, List<Region> probabilities) {
            return List.of(output.resolve(id));
        }

        @Override
        public void write(Prediction prediction, Provenance provenance, List<Region> probabilities, List<Path> files) {
            predictions.add(prediction);
            provenances.add(provenance);
        }
    }

    @Test
    void imagesMayComeFromAnySourceAndOutputsGoToAnyWriter() {
        InMemory image = new InMemory(NoiseVolumes.of(GRID, 5), new AtomicInteger());
        InMemoryWriter writer = new InMemoryWriter(new ArrayList<>(), new ArrayList<>());
        PredictionJob job =
                new PredictionJob(Path.of("archive"), folder.resolve("kept"), true, Optional.empty(), writer);
        job.run(List.of(ImageSet.of("a", Map.of(Sequence.T1CE, image))), predictor, done -> {});
        assertEquals(1, image.reads().get());
        assertEquals(List.of(image.provenance()), writer.provenances());
        byte[] expected = predictor
                .predict(Map.of(Sequence.T1CE, image.volume()))
                .labels()
                .voxels();
        assertArrayEquals(expected, writer.predictions().get(0).labels().voxels());
    }

    @Test
    void theNiftiOutputOfAnotherSourceHasItsGrid() {
        InMemory image = new InMemory(NoiseVolumes.of(GRID, 5), new AtomicInteger());
        Path output = folder.resolve("seg.nii.gz");
        new PredictionJob(Path.of("archive"), output, false)
                .run(List.of(ImageSet.of("a", Map.of(Sequence.T1CE, image))), predictor, done -> {});
        assertTrue(Nifti.readHeader(output).grid().matches(GRID));
    }
}
