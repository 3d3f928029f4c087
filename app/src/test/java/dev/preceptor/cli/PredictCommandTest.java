package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.Models;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.RegionRule;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.NamedPipe;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void writeModel() {
        model = folder.resolve("m.safetensors");
        Models.small(1).write(model);
    }

    private static Path resource(String name) {
        return Path.of(PredictCommandTest.class.getResource(name).getPath());
    }

    private Run predict(String models, Path input, Path out) {
        return Run.of("predict", "--model", models, "--input", input.toString(), "--out", out.toString());
    }

    @Test
    void anUnusableSubjectIsNamedAndTheOthersArePredicted() {
        Path out = folder.resolve("out");
        Run run = predict(model.toString(), resource("one_bad_patient/cohort"), out);
        assertEquals(1, run.code(), run.err());
        assertEquals(
                List.of(out.resolve("BraTS2021_00000.nii.gz") + "", out.resolve("BraTS2021_00002.nii.gz") + ""),
                run.out().lines().toList());
        assertEquals(2, run.errorLines().size(), run.err());
        assertTrue(run.errorLines().get(0).startsWith("preceptor: skipped: subject BraTS2021_00001: "), run.err());
        assertTrue(
                run.errorLines()
                        .get(1)
                        .matches("preceptor: error: .*cohort: 1 of 3 subjects could not be predicted"
                                + " \\(BraTS2021_00001\\); .*"),
                run.err());
        Run again = predict(model.toString(), resource("one_bad_patient/cohort"), out);
        assertEquals(1, again.code(), again.err());
        assertEquals(run.out(), again.out());
    }

    @Test
    void theRulesOfTheModelAreLeftOutOnRequest() {
        Path processing = folder.resolve("processing.safetensors");
        PostProcessing nothing = PostProcessing.NONE.with("WT", RegionRule.minimum(RegionRule.MAX_ML));
        Models.random(Models.small(1).description().withPostProcessing(nothing), 1)
                .write(processing);
        Path subject = resource("one_bad_patient/cohort").resolve("BraTS2021_00000");
        Path out = folder.resolve("out.nii.gz");
        assertEquals(0, predict(processing.toString(), subject, out).code());
        assertTrue(Nifti.readLabelMap(out, LabelSpace.BRATS_2018).foreground().isEmpty());
        Run without = Run.of(
                "predict",
                "--model",
                processing.toString(),
                "--input",
                subject.toString(),
                "--out",
                out.toString(),
                "--post-processing",
                "none");
        assertEquals(0, without.code(), without.err());
        assertFalse(Nifti.readLabelMap(out, LabelSpace.BRATS_2018).foreground().isEmpty());
        Run summary = Run.of("inspect", processing.toString());
        assertTrue(summary.out().contains("post-processing  WT: "), summary.out());
    }

    @Test
    void metresInAHeaderAreRefusedWithFileSizeAndUnit() {
        Path image = resource("spacing_unchecked/metres.nii");
        Run run = predict(model.toString(), image, folder.resolve("out"));
        assertEquals(1, run.code(), run.err());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(
                run.err().matches("(?s)preceptor: error: " + image + ": its voxels are .* mm.*unit metre.*"),
                run.err());
        assertTrue(Files.notExists(folder.resolve("out")));
    }

    @Test
    void aNormalisedImageCausesAWarningAndTheRawImageNone() {
        Run run = predict(
                model.toString(), resource("z_background_not_zero/zscored_t1ce.nii.gz"), folder.resolve("z.nii.gz"));
        assertEquals(0, run.code(), run.err());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(
                run.err().startsWith("preceptor: warning: subject zscored: T1CE has a background of -3.7815"),
                run.err());
        Run raw = predict(
                model.toString(), resource("z_background_not_zero/same_raw_t1ce.nii.gz"), folder.resolve("raw.nii"));
        assertEquals("", raw.err());
    }

    @Test
    void aCommaSeparatesModelsAndMayBePartOfAName() throws IOException {
        Path image = resource("z_background_not_zero/same_raw_t1ce.nii.gz");
        Path odd = Files.copy(model, folder.resolve("fold 1, seed 2.safetensors"));
        for (String models : List.of(odd.toString(), odd + "," + model, model + "," + odd, model + "," + model)) {
            Run run = predict(models, image, folder.resolve("out.nii.gz"));
            assertEquals(0, run.code(), models + ": " + run.err());
        }
        Run twice = Run.of(
                "predict",
                "--model",
                odd.toString(),
                "--model",
                model.toString(),
                "--input",
                image.toString(),
                "--out",
                folder.resolve("out.nii.gz").toString());
        assertEquals(0, twice.code(), twice.err());

        Run missing = predict(model + "," + folder.resolve("none.safetensors"), image, folder.resolve("x.nii.gz"));
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("none.safetensors: "), missing.err());
    }

    @Test
    void anAmbiguousCommaIsRefusedWithBothMeanings() throws IOException {
        Files.copy(model, folder.resolve("a"));
        Path both = Files.copy(model, folder.resolve("a,b"));
        Run clear = predict(
                both.toString(), resource("z_background_not_zero/same_raw_t1ce.nii.gz"), folder.resolve("x.nii.gz"));
        assertEquals(0, clear.code(), clear.err());

        // The second path is absolute, for a test cannot change the working folder of its process.
        Path deep = folder.resolve("a," + folder + "/a");
        Files.createDirectories(deep.getParent());
        Files.copy(model, deep);
        Run run = predict(
                folder.resolve("a") + "," + folder.resolve("a"),
                resource("z_background_not_zero/same_raw_t1ce.nii.gz"),
                folder.resolve("y.nii.gz"));
        assertEquals(1, run.code(), run.err());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(
                run.err().contains("could mean [" + folder.resolve("a") + ", " + folder.resolve("a") + "]"), run.err());
        assertTrue(Files.notExists(folder.resolve("y.nii.gz")));
    }

    @Test
    void aFifoIsRefusedWhereverAFileIsRead() throws IOException, InterruptedException {
        Path fifo = NamedPipe.create(folder.resolve("x_t1ce.nii"));
        for (String[] arguments : new String[][] {
            {"inspect", fifo.toString()},
            {"inspect", "/dev/zero"},
            {"predict", "--model", fifo.toString(), "--input", "x", "--out", "y"},
            {"predict", "--model", model.toString(), "--input", fifo.toString(), "--out", folder + "/y.nii"}
        }) {
            assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
                Run run = Run.of(arguments);
                assertEquals(1, run.code());
                assertEquals(1, run.errorLines().size(), run.err());
                assertTrue(run.err().contains(": is a FIFO, socket or device"), run.err());
            });
        }
    }
}
