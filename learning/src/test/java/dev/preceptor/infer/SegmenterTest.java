package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.model.Models;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmenterTest {
    private static final Grid GRID = new Grid(new Size(30, 24, 20), new Affine(-1, 0, 0, 3, 0, -1, 0, 4, 0, 0, 1, 5));

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void writeModel() {
        model = folder.resolve("student.safetensors");
        Models.small(1).write(model);
    }

    @Test
    void givesTheBytesOfThePredictionJob() throws Exception {
        Path image = folder.resolve("patient_t1ce.nii.gz");
        Nifti.write(image, NoiseVolumes.of(GRID, 3));
        Path byJob = folder.resolve("job.nii.gz");
        try (Predictor predictor = Predictor.read(List.of(model), PredictionOptions.DEFAULTS)) {
            new PredictionJob(image, byJob, false).run(predictor, done -> {});
        }
        Path bySegmenter = folder.resolve("segmenter.nii.gz");
        try (Segmenter segmenter = Segmenter.load(model)) {
            Prediction prediction = segmenter.segment(Nifti.readVolume(image));
            Nifti.write(bySegmenter, prediction.labels(), Nifti.readHeader(image));
        }
        assertArrayEquals(Files.readAllBytes(byJob), Files.readAllBytes(bySegmenter));
    }

    /** More calls than threads, of images of several sizes. */
    @Test
    void givesEightThreadsTheBytesOfOneAndTakesNoMoreMemoryAfterTwoHundredCalls() throws Exception {
        List<Volume> volumes = IntStream.range(0, 5)
                .mapToObj(i -> NoiseVolumes.of(Grid.of(new Size(18 + 3 * i, 30 - 2 * i, 17 + i), 1), i))
                .toList();
        int threadsBefore = Torch.threads();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try (Segmenter segmenter = Segmenter.of(model).threads(1).load()) {
            List<byte[]> alone = volumes.stream()
                    .map(volume -> segmenter.segment(volume).labels().voxels())
                    .toList();
            Pointer.trimMemory();
            long before = Pointer.totalBytes();
            List<Future<byte[]>> results = new ArrayList<>();
            for (int call = 0; call < 200; call++) {
                Volume volume = volumes.get(call % volumes.size());
                results.add(pool.submit(() -> segmenter.segment(volume).labels().voxels()));
            }
            for (int call = 0; call < results.size(); call++) {
                assertArrayEquals(
                        alone.get(call % volumes.size()), results.get(call).get(), "call " + call);
            }
            assertEquals(before, Pointer.totalBytes());
        } finally {
            pool.shutdownNow();
            Torch.useThreads(threadsBefore);
        }
    }

    @Test
    void eachPresetSegmentsOnTheGridOfTheInput() {
        Volume volume = NoiseVolumes.of(GRID, 4);
        for (Preset preset : Preset.values()) {
            try (Segmenter segmenter = Segmenter.of(model).preset(preset).load()) {
                assertTrue(segmenter.segment(volume).grid().matches(GRID), preset.toString());
            }
        }
    }

    @Nested
    class Refuses {
        @Test
        void anImageAloneForAModelOfSeveralSequences() {
            Path two = folder.resolve("two.safetensors");
            Models.random(Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE, Sequence.FLAIR), 1)
                    .write(two);
            try (Segmenter segmenter = Segmenter.load(two)) {
                Volume volume = NoiseVolumes.of(GRID, 3);
                MismatchException e = assertThrows(MismatchException.class, () -> segmenter.segment(volume));
                assertTrue(e.getMessage().contains("[T1CE, FLAIR]"), e.getMessage());
                assertEquals(
                        List.of(Sequence.T1CE, Sequence.FLAIR),
                        segmenter
                                .segment(Map.of(Sequence.T1CE, volume, Sequence.FLAIR, volume))
                                .used());
            }
        }

        @Test
        void anOverlapBesideAPresetThatSaysAnother() {
            Segmenter.Builder fast = Segmenter.of(model).preset(Preset.FAST);
            PreceptorException e = assertThrows(PreceptorException.class, () -> fast.overlap(0.25));
            assertTrue(e.getMessage().contains("FAST") && e.getMessage().contains("0.25"), e.getMessage());
        }

        @Test
        void fewerThanNoThreads() {
            Segmenter.Builder builder = Segmenter.of(model);
            assertThrows(IllegalArgumentException.class, () -> builder.threads(-5));
        }

        @Test
        void theProbabilityOfARegionThatTheModelDoesNotHave() {
            try (Segmenter segmenter = Segmenter.load(model)) {
                Prediction prediction = segmenter.segment(NoiseVolumes.of(GRID, 3));
                String message = assertThrows(
                                IllegalArgumentException.class,
                                () -> prediction.probability(Region.of("STROKE", LabelClass.ET)))
                        .getMessage();
                assertTrue(message.contains("none of the regions [WT, TC, ET]"), message);
            }
        }

        @Test
        void aDeviceThatDoesNotExist() {
            Segmenter.Builder builder = Segmenter.of(model).device("tpu");
            PreceptorException e = assertThrows(PreceptorException.class, builder::load);
            assertTrue(e.getMessage().contains("tpu"), e.getMessage());
        }
    }
}
