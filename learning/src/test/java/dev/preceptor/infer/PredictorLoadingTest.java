package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A predictor whose networks are built while its caller goes on. */
class PredictorLoadingTest {
    private static final Grid GRID =
            new Grid(new Size(20, 18, 16), new Affine(-1, 0, 0, 90, 0, 1, 0, -126, 0, 0, 1.5, -72));

    @TempDir
    Path folder;

    private Path good() {
        Path file = folder.resolve("good.safetensors");
        Models.small(1).write(file);
        return file;
    }

    private Path notFinite() {
        ModelFile model = Models.small(1);
        Map<String, ArrayData> weights = new LinkedHashMap<>(model.weights());
        ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat(4, Float.NaN);
        weights.put("head.bias", new ArrayData(ArrayData.Type.F32, new long[] {3}, bytes));
        Path file = folder.resolve("nan.safetensors");
        new ModelFile(model.description(), model.card(), weights).write(file);
        return file;
    }

    private Path cohort() {
        for (String id : List.of("a", "b")) {
            Nifti.write(folder.resolve("cohort/" + id + "/" + id + "_t1ce.nii.gz"), NoiseVolumes.of(GRID, 1));
        }
        return folder.resolve("cohort");
    }

    private static Predictor begin(Path model) {
        return Predictor.begin(List.of(model), List.of(), PredictionOptions.DEFAULTS, OptionalInt.empty());
    }

    @Test
    void predictionsAreThoseOfAModelThatWasReadBefore() {
        Map<Sequence, Volume> images = Map.of(Sequence.T1CE, NoiseVolumes.of(GRID, 1));
        try (Predictor begun = begin(good());
                Predictor read = Predictor.read(List.of(good()), PredictionOptions.DEFAULTS)) {
            assertArrayEquals(
                    read.predict(images).labels().voxels(),
                    begun.predict(images).labels().voxels());
            assertEquals(read.fingerprint(), begun.fingerprint());
        }
    }

    @Test
    void aHeaderThatIsNoneOfAModelIsRefusedAtOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("text.safetensors"), "no model");
        assertTrue(assertThrows(InvalidFileException.class, () -> begin(file))
                .getMessage()
                .contains("text.safetensors"));
    }

    @Test
    void weightsThatAreNotValidEndAJobAndNameTheModelNotASubject() {
        Path cohort = cohort();
        Path out = folder.resolve("out");
        try (Predictor predictor = begin(notFinite())) {
            PredictionJob job = new PredictionJob(cohort, out, false);
            String message = assertThrows(InvalidFileException.class, () -> job.run(predictor, done -> {}))
                    .getMessage();
            assertTrue(message.contains("nan.safetensors") && message.contains("NaN or infinite"), message);
            assertFalse(message.contains("subject"), message);
        }
        assertFalse(Files.exists(out));
    }

    @Test
    void theModelIsNamedEvenIfNoSubjectCanBeRead() throws IOException {
        Path cohort = cohort();
        for (String id : List.of("a", "b")) {
            Files.writeString(cohort.resolve(id + "/" + id + "_t1ce.nii.gz"), "no image");
        }
        try (Predictor predictor = begin(notFinite())) {
            PredictionJob job = new PredictionJob(cohort, folder.resolve("out"), false);
            assertTrue(assertThrows(InvalidFileException.class, () -> job.run(predictor, done -> {}))
                    .getMessage()
                    .contains("nan.safetensors"));
        }
    }

    @Test
    void awaitingThrowsWhatReadingWouldHaveThrown() {
        Path model = notFinite();
        String read = assertThrows(
                        InvalidFileException.class, () -> Predictor.read(List.of(model), PredictionOptions.DEFAULTS))
                .getMessage();
        try (Predictor predictor = begin(model)) {
            assertEquals(
                    read,
                    assertThrows(InvalidFileException.class, predictor::await).getMessage());
        }
    }

    @Test
    void aPredictorIsClosedWhileItsNetworksAreBuilt() {
        Predictor predictor = begin(good());
        predictor.close();
        Map<Sequence, Volume> images = Map.of(Sequence.T1CE, NoiseVolumes.of(GRID, 1));
        assertThrows(IllegalStateException.class, () -> predictor.predict(images));
    }
}
