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
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.run.FoldChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
