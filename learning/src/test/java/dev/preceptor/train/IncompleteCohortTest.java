package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.Patients;
import dev.preceptor.parallel.GlobalBatchSum;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Trainings on cohorts in which subjects lack sequences or label maps. */
class IncompleteCohortTest {
    private static final Recipe BASELINE = TinyRuns.recipe("baseline-small");
    private static final Recipe KD_NET = TinyRuns.recipe("kd-net-small", "teachers=[[T1CE,T2]]");

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private Path cohort() {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("cohort"), 6);
        fixture.delete("BraTS2021_00002", "t2").delete("BraTS2021_00005", "t2");
        return fixture.root();
    }

    private TrainingPlan plan(
            Recipe recipe, Path cohort, Optional<Path> unlabelled, Optional<FoldChoice> fold, List<String> notices) {
        TrainingJob job = new TrainingJob(recipe, cohort, folder.resolve("run"), fold, false, "cpu", 1)
                .withUnlabelled(unlabelled);
        return TrainingPlan.read(job, GlobalBatchSum.LOCAL, 1, notices::add);
    }

    @Test
    void subjectsThatLackASequenceOfTheTeacherAreLeftOutAndNamed() throws IOException {
        Path cohort = cohort();
        Path run = folder.resolve("run");
        List<String> notices = new ArrayList<>();
        TrainingPlan plan = plan(KD_NET, cohort, Optional.empty(), Optional.of(new FoldChoice(1, 2)), notices);
        assertEquals(List.of("2 subjects without T2 are left out: BraTS2021_00002, BraTS2021_00005"), notices);
        assertEquals(
                4,
                plan.split().training().size()
                        + plan.split().validation().size()
                        + plan.split().heldOut().size());
        TinyRuns.train(KD_NET, cohort, run, false, () -> false);
        assertEquals(
                "BraTS2021_00002",
                JsonFiles.read(run.resolve("run.json"))
                        .path("leftOut")
                        .path(0)
                        .path("subjects")
                        .path(0)
                        .stringValue());
    }

    @Test
    void subjectsThatLackASequenceThatNoNetworkNeedsAreUsed() {
        List<String> notices = new ArrayList<>();
        TrainingPlan plan = plan(BASELINE, cohort(), Optional.empty(), Optional.empty(), notices);
        assertEquals(List.of(), notices);
        assertEquals(
                6, plan.split().training().size() + plan.split().validation().size());
    }

    @Test
    void aSequenceThatNoSubjectHasIsRefusedWithThoseThatThereAre() {
        Path cohort = cohort();
        Recipe recipe = TinyRuns.recipe("baseline-small", "student=[PD]");
        String message = refusal(() -> plan(recipe, cohort, Optional.empty(), Optional.empty(), new ArrayList<>()));
        assertEquals(
                "no subject of " + cohort
                        + " has PD, which the student of the recipe needs; it has FLAIR, T1, T1CE, T2:"
                        + " choose sequences from these",
                message);
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @Test
    void subjectsWithoutLabelMapsAreLeftOutByAMethodThatDoesNotUseThem() {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("cohort"), 4);
        fixture.delete("BraTS2021_00003", "seg");
        Path more = new CohortFixture(folder.resolve("more"))
                .modernSubject("BraTS-GLI-00001-000", 1, LabelSpace.BRATS_2023)
                .modernSubject("BraTS-GLI-00002-000", 2, LabelSpace.BRATS_2023)
                .root();
        List<String> notices = new ArrayList<>();
        TrainingPlan plan = plan(BASELINE, fixture.root(), Optional.of(more), Optional.empty(), notices);
        assertEquals(1, notices.size(), notices.toString());
        assertTrue(
                notices.get(0)
                        .startsWith("3 subjects without a label map, which baseline does not use, are left out: "),
                notices.toString());
        assertEquals(List.of(), plan.split().unlabelled());
    }

    @Test
    void imagesOfAHeldOutPatientAreLeftOutAndNamed() {
        CohortFixture fixture = new CohortFixture(folder.resolve("cohort"));
        for (int patient = 1; patient <= 4; patient++) {
            String id = "BraTS-GLI-0000" + patient;
            fixture.modernSubject(id + "-000", patient, LabelSpace.BRATS_2023)
                    .modernSubject(id + "-001", 4 + patient, LabelSpace.BRATS_2023)
                    .delete(id + "-001", "seg");
        }
        List<String> notices = new ArrayList<>();
        TrainingPlan plan = plan(
                TinyRuns.recipe("transfer-small", "validation.fraction=0"),
                fixture.root(),
                Optional.empty(),
                Optional.of(new FoldChoice(1, 4)),
                notices);
        String other = Patients.of(plan.split().heldOut().get(0)) + "-001";
        assertEquals(3, plan.split().unlabelled().size());
        assertFalse(plan.split().unlabelled().contains(other));
        assertEquals(
                List.of("1 subject of patients whose other scans are for validation or held out, is left out: "
                        + other),
                notices);
    }

    @Test
    void theUnlabelledFolderMayNotBeTheCohortOrShareSubjectsWithIt() {
        Path cohort = CohortFixture.brats2021(folder.resolve("cohort"), 3).root();
        String same = refusal(() -> plan(BASELINE, cohort, Optional.of(cohort), Optional.empty(), new ArrayList<>()));
        assertTrue(same.contains("are those of the cohort"), same);
        Path other = CohortFixture.brats2021(folder.resolve("other"), 2).root();
        String shared = refusal(() -> plan(BASELINE, cohort, Optional.of(other), Optional.empty(), new ArrayList<>()));
        assertTrue(shared.startsWith("subject BraTS2021_00001 is in " + cohort + " and in " + other), shared);
    }

    @Test
    void aRunOfAVersionThatLeftNoSubjectOutIsResumed() throws IOException {
        Path cohort = CohortFixture.brats2021(folder.resolve("cohort"), 3).root();
        Path run = folder.resolve("run");
        TinyRuns.train(BASELINE, cohort, run, false, () -> false);
        Path description = run.resolve("run.json");
        ObjectNode older = (ObjectNode) JsonFiles.read(description);
        older.remove("leftOut");
        ((ObjectNode) older.get("split")).remove("unlabelled");
        JsonFiles.write(description, older);
        assertTrue(TinyRuns.train(BASELINE, cohort, run, true, () -> false).finished());
    }

    private static String refusal(Runnable training) {
        String message =
                assertThrows(InvalidCohortException.class, training::run).getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }
}
