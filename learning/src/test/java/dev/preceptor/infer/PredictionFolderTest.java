package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.HeaderFamily;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repeated predictions of a folder of subjects, some of which are unusable. */
class PredictionFolderTest {
    private static final Grid GRID = Grid.of(new Size(18, 16, 14), 1);

    @TempDir
    private Path folder;

    private Predictor predictor;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void open() {
        predictor = Predictor.open(List.of(Models.small(1)), PredictionOptions.DEFAULTS);
    }

    @AfterEach
    void close() {
        predictor.close();
    }

    private Path image(String id, Consumer<float[]> change) {
        SplittableRandom random = new SplittableRandom(id.hashCode());
        float[] voxels = new float[GRID.size().voxels()];
        for (int i = voxels.length / 4; i < voxels.length; i++) {
            voxels[i] = (float) random.nextDouble(1, 100);
        }
        change.accept(voxels);
        Path file = folder.resolve("cohort/" + id + "/" + id + "_t1ce.nii");
        Nifti.write(file, new Volume(GRID, voxels));
        return file;
    }

    private Path image(String id) {
        return image(id, voxels -> {});
    }

    private PredictionJob.JobResult run(Predictor predictor, boolean probabilities) {
        return new PredictionJob(folder.resolve("cohort"), folder.resolve("out"), probabilities)
                .run(predictor, new PredictionJob.Listener() {
                    @Override
                    public void onDone(PredictionJob.Done done) {}

                    @Override
                    public void onWarning(String text) {
                        warnings.add(text);
                    }
                });
    }

    private static List<String> computed(PredictionJob.JobResult outcome) {
        return outcome.done().stream()
                .filter(done -> !done.isKept())
                .map(PredictionJob.Done::id)
                .toList();
    }

    private static void patch(Path file, int at, float value) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, value);
        Files.write(file, bytes);
    }

    private static void patchByte(Path file, int at, int value) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] = (byte) value;
        Files.write(file, bytes);
    }

    @Test
    void unusableSubjectsAreNamedWithTheReasonAndTheOthersArePredicted() throws IOException {
        image("a");
        Path cut = image("b-cut");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 900));
        image("c-nan", voxels -> voxels[5] = Float.NaN);
        patchByte(image("d-metres"), 123, 1);
        patch(image("e-zero"), 80, 0);
        patch(image("f-negative"), 84, -1);
        patch(image("g-nan-size"), 88, Float.NaN);
        Files.move(image("h-flair"), folder.resolve("cohort/h-flair/h-flair_flair.nii"));
        Path far = image("i-100-mm");
        Nifti.write(
                far, new Volume(Grid.of(GRID.size(), 100), Nifti.readVolume(far).voxels()));
        image("z");
        PredictionJob.JobResult outcome = run(predictor, false);
        assertEquals(
                List.of("a", "z"),
                outcome.done().stream().map(PredictionJob.Done::id).toList());
        List<String> said = outcome.failed().stream()
                .map(PredictionJob.Failure::toString)
                .sorted()
                .toList();
        List<String> expected = List.of(
                "subject b-cut: .*b-cut_t1ce.nii: the header declares .*",
                "subject c-nan: the volume T1CE holds a value that is not finite.*",
                "subject d-metres: .*d-metres_t1ce.nii: its voxels are 1000 x 1000 x 1000 mm, .*unit metre.*",
                "subject e-zero: .*e-zero_t1ce.nii: pixdim\\[1\\].* is 0 \\(unit millimetre\\).*",
                "subject f-negative: .*f-negative_t1ce.nii: pixdim\\[2\\].* is -1 .*",
                "subject g-nan-size: .*g-nan-size_t1ce.nii: pixdim\\[3\\].* is NaN .*",
                "subject h-flair: has no T1CE.*",
                "subject i-100-mm: .*i-100-mm_t1ce.nii: its voxels are 100 x 100 x 100 mm.*unit millimetre.*");
        assertEquals(expected.size(), said.size(), said.toString());
        for (int i = 0; i < expected.size(); i++) {
            assertTrue(said.get(i).matches(expected.get(i)), said.get(i));
        }
        assertTrue(Files.notExists(folder.resolve("out/b-cut.nii.gz")));
    }

    @Test
    void aSecondCallPredictsOnlyMissingOrChangedSubjects() throws IOException {
        List.of("a", "b", "c").forEach(this::image);
        Files.delete(image("d"));
        Files.writeString(folder.resolve("cohort/d/d_t1ce.nii"), "no image");
        assertEquals(List.of("a", "b", "c"), computed(run(predictor, false)));
        byte[] first = Files.readAllBytes(folder.resolve("out/a.nii.gz"));

        assertEquals(List.of(), computed(run(predictor, false)), "nothing changed");
        image("d");
        assertEquals(List.of("d"), computed(run(predictor, false)), "the unusable subject was replaced");
        Files.delete(folder.resolve("out/b.nii.gz"));
        assertEquals(List.of("b"), computed(run(predictor, false)), "an output is missing");
        Files.write(folder.resolve("out/c.nii.gz"), new byte[9]);
        assertEquals(List.of("c"), computed(run(predictor, false)), "an output is damaged");
        image("a", voxels -> voxels[4000] = 77);
        assertEquals(List.of("a"), computed(run(predictor, false)), "an input changed");
        image("a");
        run(predictor, false);
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("out/a.nii.gz")));

        assertEquals(4, computed(run(predictor, true)).size(), "probabilities are requested too");
        assertEquals(List.of(), computed(run(predictor, true)));
        assertEquals(List.of(), computed(run(predictor, false)));
    }

    @Test
    void otherModelsOrOptionsPredictAgain() {
        image("a");
        run(predictor, false);
        try (Predictor same = Predictor.open(List.of(Models.small(1)), PredictionOptions.DEFAULTS);
                Predictor other = Predictor.open(List.of(Models.small(2)), PredictionOptions.DEFAULTS);
                Predictor mirrored =
                        Predictor.open(List.of(Models.small(2)), PredictionOptions.DEFAULTS.withMirror(true))) {
            assertEquals(List.of(), computed(run(same, false)));
            assertEquals(List.of("a"), computed(run(other, false)));
            assertEquals(List.of("a"), computed(run(mirrored, false)));
        }
    }

    @Test
    void anIndexOfAnotherProgramIsNotOverwritten() throws IOException {
        image("a");
        Files.createDirectories(folder.resolve("out"));
        for (String text : List.of("{\"mine\": 1}", "[", "{\"format\": \"preceptor/predictions/1\"}")) {
            Path index = Files.writeString(folder.resolve("out/predictions.json"), text);
            String message = assertThrows(PreceptorException.class, () -> run(predictor, false))
                    .getMessage();
            assertTrue(message.startsWith(index + ": "), message);
            assertEquals(text, Files.readString(index));
        }
    }

    @Test
    void emptyAndNormalisedImagesCauseWarnings() {
        image("a");
        image("b-empty", voxels -> Arrays.fill(voxels, 0));
        image("c-normalised", voxels -> {
            for (int i = 0; i < voxels.length; i++) {
                voxels[i] = (voxels[i] - 50) / 14;
            }
        });
        image("d-noise", voxels -> {
            for (int i = 0; i < voxels.length / 4; i++) {
                voxels[i] = 1 + i % 97;
            }
        });
        assertEquals(4, run(predictor, false).done().size());
        assertEquals(3, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).startsWith("subject b-empty: T1CE is zero everywhere"), warnings.get(0));
        assertTrue(warnings.get(1).startsWith("subject c-normalised: T1CE has no voxel that is 0"), warnings.get(1));
        assertTrue(warnings.get(2).startsWith("subject d-noise: T1CE has no voxel that is 0"), warnings.get(2));
    }

    @Test
    void labelMapsAndProbabilitiesHaveTheGeometryOfTheImage() throws IOException {
        Files.createDirectories(folder.resolve("in"));
        for (long seed = 0; seed < 24; seed++) {
            Path image = HeaderFamily.write(folder.resolve("in"), seed);
            Path out = folder.resolve("out" + seed);
            new PredictionJob(image, out, true).run(predictor, done -> {});
            List<Long> expected = HeaderFamily.geometry(image);
            for (String name : List.of("", "_prob_WT", "_prob_TC", "_prob_ET")) {
                Path output = out.resolve("s" + seed + name + ".nii.gz");
                assertEquals(expected, HeaderFamily.geometry(output), "seed " + seed + " " + output.getFileName());
            }
        }
    }
}
