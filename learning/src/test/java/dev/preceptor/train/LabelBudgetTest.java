package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.Patients;
import dev.preceptor.recipe.Recipe;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelBudgetTest {
    private static final List<String> LABELLED =
            IntStream.range(0, 100).mapToObj(i -> "L" + (100 + i)).toList();

    private record Drawn(List<String> labelled, List<String> unlabelled) {}

    private static Drawn budget(int labelled, int unlabelled, long seed, List<String> images) {
        Recipe recipe = recipe(labelled, unlabelled, seed);
        LabelBudget budget = LabelBudget.of(LABELLED, recipe);
        return new Drawn(budget.labelled(), budget.unlabelled(images, recipe));
    }

    private static Recipe recipe(int labelled, int unlabelled, long seed) {
        return TinyRuns.recipe(
                "transfer-small",
                "sampling.labelled=" + labelled,
                "sampling.unlabelled.subjects=" + unlabelled,
                "seed=" + seed);
    }

    @Test
    void moreLabelsContainFewerAndLeaveTheUnlabelledSubjectsAlone() {
        for (long seed = 1; seed <= 20; seed++) {
            Drawn few = budget(5, 60, seed, List.of());
            Drawn many = budget(40, 60, seed, List.of());
            assertEquals(5, few.labelled().size(), "seed " + seed);
            assertTrue(many.labelled().containsAll(few.labelled()), "seed " + seed);
            assertEquals(few.unlabelled(), many.unlabelled(), "seed " + seed);
            assertTrue(Collections.disjoint(many.labelled(), many.unlabelled()), "seed " + seed);
        }
    }

    @Test
    void eachSeedHasItsOwnLabelledSubjects() {
        assertNotEquals(
                budget(5, 60, 1, List.of()).labelled(),
                budget(5, 60, 2, List.of()).labelled());
    }

    @Test
    void withoutSettingsEverySubjectIsUsedAsItIs() {
        Drawn all = budget(0, 0, 1, List.of("U2", "U1"));
        assertEquals(LABELLED, all.labelled());
        assertEquals(List.of("U1", "U2"), all.unlabelled());
    }

    @Test
    void moreSubjectsThanThereAreAreRefused() {
        assertEquals(
                "sampling.labelled is 101, but the training has 100 labelled subjects; lower it, or set 0 to use the labels"
                        + " of all",
                assertThrows(InvalidRecipeException.class, () -> budget(101, 0, 1, List.of()))
                        .getMessage());
        assertEquals(
                "sampling.unlabelled.subjects is 60, but there are 50 subjects to learn from without labels; lower it, or set"
                        + " 0 to use all",
                assertThrows(InvalidRecipeException.class, () -> budget(50, 60, 1, List.of()))
                        .getMessage());
    }

    @Test
    void labelsAreKeptPatientByPatient() {
        List<String> scans = IntStream.range(0, 30)
                .mapToObj(i -> "sub-" + (10 + i / 3) + "_ses-" + i % 3)
                .toList();
        for (long seed = 1; seed <= 20; seed++) {
            Recipe recipe = recipe(7, 0, seed);
            LabelBudget budget = LabelBudget.of(scans, recipe);
            assertEquals(7, budget.labelled().size(), "seed " + seed);
            assertEquals(3, Patients.of(budget.labelled()).count(), "seed " + seed);
            List<String> unlabelled = budget.unlabelled(List.of(), recipe);
            assertEquals(21, unlabelled.size(), "all scans of the other seven patients, seed " + seed);
            assertEquals(7, Patients.of(unlabelled).count(), "seed " + seed);
        }
    }
}
