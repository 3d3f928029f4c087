package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.model.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code evaluate --model}: scores of subjects on which the model was trained are marked in every output. */
@Tag("integration")
class LeakageTest {
    @TempDir
    private static Path shared;

    private static String model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void trainOnThree() {
        Path cohort = CohortFixture.brats2021(shared.resolve("cohort"), 3).root();
        Run run = Run.of(
                "train",
                "baseline-small",
                "--cohort",
                cohort.toString(),
                "--out",
                shared.resolve("run").toString(),
                "--threads",
                "1",
                "--set",
                "network.widths=[2,4]",
                "--set",
                "network.skips=1",
                "--set",
                "sampling.patch=[8,8,8]",
                "--set",
                "sampling.stepsPerEpoch=1",
                "--set",
                "optimization.epochs=1",
                "--set",
                "preprocessing.spacing=0",
                "--set",
                "validation.fraction=0");
        assertEquals(0, run.code(), run.err());
        model = shared.resolve("run/models/student.safetensors").toString();
    }

    @Test
    void aSubjectOfTheTrainingIsReportedAndMarkedInEveryFile() throws IOException {
        // Subject 4 is new; subject 2 has its own name, subject 3 has another name and is uncompressed.
        CohortFixture references = new CohortFixture(folder.resolve("references"));
        references.legacySubject("", "BraTS2021_00002", 2, ".nii.gz");
        references.legacySubject("", "BraTS2021_00004", 4, ".nii.gz");
        references.legacySubject("", "Brats18_X_1", 3, ".nii");
        Run run = evaluate(references.root(), "--model", model);
        assertEquals(0, run.code(), run.err());
        assertTrue(run.err().contains("LEAKAGE: 2 of 3 scored subjects were trained on"), run.err());
        assertTrue(run.out().contains("Brats18_X_1: " + model + " trained on it: same voxels as BraTS2021_00003"));
        assertTrue(run.out().lines().anyMatch(line -> line.matches("WT .*LEAKAGE")), run.out());
        for (String file : List.of("scores.csv", "brats.csv", "scores.json", "summary.json")) {
            String text = Files.readString(folder.resolve("out").resolve(file));
            assertTrue(text.contains("trained on it: same id"), file);
            assertTrue(text.contains("trained on it: same voxels as BraTS2021_00003"), file);
        }
        assertTrue(Files.readString(folder.resolve("out/scores.csv"))
                .lines()
                .anyMatch(line -> line.startsWith("BraTS2021_00004,WT") && line.endsWith(",")));
    }

    @Test
    void aModelThatDoesNotRecordItsTrainingIsNamedInTheScoresAndOnThePage() throws IOException {
        CohortFixture references = new CohortFixture(folder.resolve("references"));
        references.legacySubject("", "BraTS2021_00004", 4, ".nii.gz");
        Path stranger = folder.resolve("stranger.safetensors");
        Models.small(1).write(stranger);
        Run run = evaluate(references.root(), "--model", stranger.toString());
        String warning = stranger + " does not record its training subjects";
        assertTrue(run.err().contains(warning), run.err());
        assertTrue(run.out().contains(warning), run.out());
        assertEquals(
                stranger.toString(),
                JsonFiles.read(folder.resolve("out/scores.json"))
                        .get("leakage_unknown")
                        .get(0)
                        .stringValue());
        assertTrue(Files.readString(folder.resolve("out/report/index.html")).contains(warning));
    }

    @Test
    void theNameMappingFindsThePatient() throws IOException {
        CohortFixture references = new CohortFixture(folder.resolve("references"));
        references.legacySubject("", "BraTS20_Training_009", 4, ".nii.gz");
        Path names = Files.writeString(
                folder.resolve("names.csv"),
                "BraTS_2020_subject_ID,BraTS_2021_subject_ID\n" + "BraTS20_Training_009,BraTS2021_00001\n");
        Run run = evaluate(references.root(), "--model", model, "--mapping", names.toString());
        assertTrue(run.err().contains("same patient by the name mapping as BraTS2021_00001"), run.err());
    }

    @Test
    void newSubjectsAreNotMarked() throws IOException {
        CohortFixture references = new CohortFixture(folder.resolve("references"));
        references.legacySubject("", "BraTS2021_00004", 4, ".nii.gz");
        Run run = evaluate(references.root(), "--model", model);
        assertEquals(0, run.code(), run.err());
        assertFalse((run.out() + run.err()).contains("LEAKAGE"), run.out() + run.err());
        assertFalse(Files.readString(folder.resolve("out/brats.csv")).contains("Leakage"));
    }

    @Test
    void anInvalidMappingIsOneLineAndNothingIsWritten() throws IOException {
        CohortFixture references = new CohortFixture(folder.resolve("references"));
        references.legacySubject("", "BraTS2021_00004", 4, ".nii.gz");
        Path names = Files.writeString(folder.resolve("names.csv"), "a,b\n1,2\n");
        Run run = evaluate(references.root(), "--model", model, "--mapping", names.toString());
        assertEquals(1, run.code());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(run.err().startsWith("preceptor: error: " + names), run.err());
        assertFalse(Files.exists(folder.resolve("out")));
    }

    private Run evaluate(Path references, String... more) {
        List<String> line = new ArrayList<>(List.of(
                "evaluate",
                "--predictions",
                references.toString(),
                "--references",
                references.toString(),
                "--out",
                folder.resolve("out").toString(),
                "--schema",
                "BRATS_2018"));
        line.addAll(List.of(more));
        return Run.of(line.toArray(String[]::new));
    }
}
