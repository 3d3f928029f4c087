package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelBudgetTest {
    private static final List<String> LABELLED =
            IntStream.range(0, 100).mapToObj(i -> "L" + (100 + i)).toList();

    private static LabelBudget budget(int labelled, int unlabelled, long seed, List<String> images) {
        return LabelBudget.of(
                LABELLED,
                images,
                TinyRuns.recipe(
                        "transfer-small",
                        "sampling.labelled=" + labelled,
                        "sampling.unlabelled.subjects=" + unlabelled,
                        "seed=" + seed));
    }

    @Test
    void moreLabelsContainFewerAndLeaveTheUnlabelledSubjectsAlone() {
        for (long seed = 1; seed <= 20; seed++) {
            LabelBudget few = budget(5, 60, seed, List.of());
            LabelBudget many = budget(40, 60, seed, List.of());
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
        LabelBudget all = budget(0, 0, 1, List.of("U2", "U1"));
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
}
