package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Folds;
import dev.preceptor.cohort.Patients;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.Split;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitsTest {
    @TempDir
    Path root;

    private static final Recipe BASELINE = TinyRuns.recipe("baseline");

    private Path file(String suffix) {
        return root.resolve("BraTS2021_00001/BraTS2021_00001_" + suffix + ".nii.gz");
    }

    private void requireTrainable() {
        Cohort cohort = Cohort.open(root);
        Splits.requireTrainable(cohort, BASELINE, CohortFixture.ids(cohort));
    }

    @Test
    void twoFilesForASequenceOfTheRecipeAreBothNamed() throws IOException {
        TinyRuns.cohort(root, 2);
        Files.copy(file("t1ce"), file("t1gd"));
        String message = assertThrows(InvalidCohortException.class, () -> requireTrainable())
                .getMessage();
        assertTrue(message.contains("_t1ce.nii.gz and") && message.contains("_t1gd.nii.gz"), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void aDiceThatNothingMeasuresIsRefusedBeforeTheRunHasAFolder(@TempDir Path folder) {
        TinyRuns.cohort(root, 2);
        Path run = folder.resolve("run");
        Recipe recipe = TinyRuns.recipe("baseline", "validation.monitor=DICE", "validation.fraction=0");
        String message = assertThrows(
                        InvalidRecipeException.class, () -> TinyRuns.train(recipe, root, run, false, () -> false))
                .getMessage();
        assertTrue(
                message.startsWith("validation.monitor is DICE, but there are no validation subjects"
                        + " (validation.fraction is 0); set validation.monitor=SUPERVISED"),
                message);
        assertFalse(Files.exists(run.resolve("recipe.yaml")));
    }

    @Test
    void aBrokenLinkIsRefusedOnlyIfItsFileIsNeeded() throws IOException {
        TinyRuns.cohort(root, 2);
        Files.delete(file("t2"));
        Files.createSymbolicLink(file("t2"), Path.of("nowhere"));
        Cohort cohort = Cohort.open(root);
        Splits.requireTrainable(cohort, BASELINE, CohortFixture.ids(cohort));
        assertEquals(
                1,
                Splits.requireSound(cohort, CohortFixture.ids(cohort), ScanCache.NONE)
                        .problems()
                        .size());
        Files.delete(file("seg"));
        Files.createSymbolicLink(file("seg"), Path.of("nowhere"));
        String message = assertThrows(InvalidCohortException.class, () -> requireTrainable())
                .getMessage();
        assertTrue(message.contains("seg.nii.gz is a link to nothing"), message);
    }

    @Test
    void foldsByTheStatisticsOfACohortAreThoseByItsLabelMaps() {
        TinyRuns.cohort(root, 5);
        Cohort cohort = Cohort.open(root);
        SubjectSelection selection = Training.select(BASELINE, cohort);
        for (int count = 2; count <= 5; count++) {
            assertEquals(
                    Folds.of(cohort, count, BASELINE.validation().foldSeed()),
                    Splits.folds(CohortSummary.of(cohort), selection, BASELINE, new FoldChoice(1, count)));
        }
        String message = assertThrows(
                        InvalidCohortException.class,
                        () -> Splits.requireEnough(cohort, selection, new FoldChoice(1, 6)))
                .getMessage();
        assertTrue(message.endsWith("5 labelled subjects that the recipe can use, too few for 6 folds"), message);
    }

    @Test
    void allScansOfAPatientAreOnOneSideOfTheInnerValidation() {
        for (int seed = 1; seed <= 20; seed++) {
            Split split = split(sessions(8, 3), List.of(), seed, Optional.empty(), "validation.fraction=0.25");
            assertEquals(18, split.training().size(), "seed " + seed);
            assertEquals(6, split.validation().size(), "seed " + seed);
            assertEquals(split.validation(), Patients.others(split.validation(), split.training()), "seed " + seed);
        }
    }

    @Test
    void aPatientOnWhomTheModelIsValidatedOrScoredGivesNoImagesWithoutLabels() {
        List<String> images = List.of("sub-0_ses-9", "sub-1_ses-9", "sub-2_ses-9", "sub-3_ses-9", "sub-4_ses-9");
        Folds.Fold fold = new Folds.Fold(sessions(3, 2), List.of("sub-3_ses-0", "sub-3_ses-1"));
        for (int seed = 1; seed <= 20; seed++) {
            Split split = split(sessions(4, 2), images, seed, Optional.of(fold), "validation.fraction=0.3");
            assertEquals(2, split.validation().size(), "seed " + seed);
            assertEquals(3, split.unlabelled().size(), "seed " + seed);
            List<String> judged = new ArrayList<>(split.validation());
            judged.addAll(split.heldOut());
            assertEquals(split.unlabelled(), Patients.others(split.unlabelled(), judged), "seed " + seed);
        }
    }

    @Test
    void theSplitOfOneScanForEachPatientDependsOnTheIdsAlone() {
        List<String> ids = IntStream.rangeClosed(1, 10)
                .mapToObj(i -> String.format("BraTS-GLI-%05d-%03d", 7 * i, i % 3))
                .toList();
        assertEquals(
                new Split(
                        List.of(
                                "BraTS-GLI-00007-001",
                                "BraTS-GLI-00028-001",
                                "BraTS-GLI-00049-001",
                                "BraTS-GLI-00063-000"),
                        List.of("BraTS-GLI-00035-002", "BraTS-GLI-00070-001"),
                        List.of(),
                        List.of(
                                "BraTS-GLI-00014-002",
                                "BraTS-GLI-00021-000",
                                "BraTS-GLI-00042-000",
                                "BraTS-GLI-00056-002",
                                "sub-2")),
                split(
                        ids,
                        List.of("sub-2", "sub-10_ses-1", "sub-1_ses-2"),
                        1,
                        Optional.empty(),
                        "sampling.labelled=6",
                        "sampling.unlabelled.subjects=5",
                        "validation.fraction=0.3"));
    }

    @Test
    void foldsNeedAsManyPatients() {
        CohortFixture fixture = new CohortFixture(root);
        for (int i = 0; i < 4; i++) {
            fixture.modernSubject("BraTS-GLI-0000" + (1 + i / 2) + "-10" + i % 2, 1 + i, LabelSpace.BRATS_2024);
        }
        Cohort cohort = Cohort.open(root);
        SubjectSelection selection = Training.select(BASELINE, cohort);
        Splits.requireEnough(cohort, selection, new FoldChoice(1, 2));
        String message = assertThrows(
                        InvalidCohortException.class,
                        () -> Splits.requireEnough(cohort, selection, new FoldChoice(1, 3)))
                .getMessage();
        assertTrue(
                message.endsWith("has 4 labelled subjects of 2 patients that the recipe can use, too few for 3 folds"),
                message);
    }

    private static List<String> sessions(int patients, int sessions) {
        return IntStream.range(0, patients * sessions)
                .mapToObj(i -> "sub-" + i / sessions + "_ses-" + i % sessions)
                .toList();
    }

    private static Split split(
            List<String> labelled, List<String> images, int seed, Optional<Folds.Fold> fold, String... settings) {
        List<String> overrides = new ArrayList<>(List.of(settings));
        overrides.add("seed=" + seed);
        return Splits.of(
                new SubjectSelection(labelled, images, List.of()),
                TinyRuns.recipe("transfer-small", overrides.toArray(String[]::new)),
                true,
                fold);
    }
}
