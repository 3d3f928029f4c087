package dev.preceptor.volume;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class LabelSpaceTest {
    private static final LabelClass A = new LabelClass("a");
    private static final LabelClass B = new LabelClass("b");
    private static final LabelClass C = new LabelClass("c");

    @Test
    void everySpaceOfBratsHasTheSameThreeRegionsAndItsOwnFurtherOnes() {
        assertTrue(LabelSpace.KNOWN.stream().allMatch(LabelSpace::hasBratsRegions));
        assertEquals(Region.BRATS, LabelSpace.BRATS_2018.regions());
        assertTrue(LabelSpace.BRATS_2013.hasRegionsOf(LabelSpace.MSD_TASK01), "whatever the values");
        assertEquals(List.of(Region.WT, Region.TC, Region.ET, Region.RC), LabelSpace.BRATS_2024.regions());
        assertEquals(List.of(Region.WT, Region.TC, Region.ET, Region.CC), LabelSpace.BRATS_PED_2024.regions());
        assertEquals(
                List.of(List.of(1, 2, 3, 4), List.of(1, 3, 4), List.of(3), List.of(4)),
                LabelSpace.BRATS_PED_2024.numbersByRegion(),
                "a cyst is part of the core");
        assertEquals(
                List.of(List.of(1, 2, 3), List.of(1, 3), List.of(3), List.of(4)),
                LabelSpace.BRATS_2024.numbersByRegion(),
                "a cavity is not part of the tumour");
    }

    @Test
    void aSpaceOfAnyLesionHasARegionForEachClass() {
        LabelSpace space = new LabelSpace("X", Map.of(1, B, 2, A, 3, LabelClass.IGNORE));
        assertEquals(List.of(B, A), space.classes());
        assertEquals(
                List.of("b", "a"), space.regions().stream().map(Region::name).toList());
        assertEquals(0, space.numberOf(LabelClass.IGNORE));
        assertFalse(space.hasBratsRegions());
    }

    @Test
    void theTextOfASpaceIsReadBack() {
        String alphabet = "ab ,{}\"\\'1:;é\u6f22";
        for (int seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<Integer, LabelClass> values = new TreeMap<>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                StringBuilder name = new StringBuilder("x");
                for (int c = random.nextInt(8); c > 0; c--) {
                    name.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                values.put(random.nextInt(1, 128), new LabelClass(name + "y" + i));
            }
            LabelText read = LabelText.parse(LabelText.of("NAME", values)).orElseThrow();
            assertEquals(values, read.values(), "seed " + seed);
            assertEquals("NAME", read.name(), "seed " + seed);
        }
        for (String broken : List.of(
                "X {1 a",
                "X {1}",
                "X {1 a, }",
                "X {1 a,, 2 b}",
                "X {0 a}",
                "X {1 a, 1 b}",
                "{1 \"a}",
                "{1 a, 2 A}",
                "X {1 a, 2 A}")) {
            assertEquals(Optional.empty(), LabelSpace.parse(broken), broken);
        }
    }

    @Test
    void contradictoryRegionsAreRefused() {
        Region a = Region.of("a", A);
        Map<Integer, LabelClass> values = Map.of(1, A, 2, B);
        assertRefused("two regions of the name", () -> new LabelSpace("X", values, List.of(A), List.of(a, a)));
        assertRefused("belongs to no region", () -> new LabelSpace("X", values, List.of(A, B), List.of(a)));
        assertRefused("none of its classes", () -> new Region("a", Set.of(A), B));
        assertRefused(
                "the same regions as a",
                () -> new LabelSpace("X", values, List.of(A, B), List.of(new Region("ab", Set.of(A, B), A))));
        assertRefused("not in 1..127", () -> new LabelSpace("X", Map.of(128, A)));
        assertRefused("1 to 80 characters", () -> new LabelClass(" a"));
    }

    @Test
    void classesFollowFromNestedOrDisjointRegionsOnly() {
        LabelSpace.KNOWN.forEach(known -> assertDoesNotThrow(known::requireClassesFollowFromRegions));
        Map<Integer, LabelClass> values = Map.of(1, A, 2, B, 3, C);
        LabelSpace crossing = new LabelSpace(
                "X",
                values,
                List.of(A, B, C),
                List.of(new Region("ab", Set.of(A, B), A), new Region("bc", Set.of(B, C), C)));
        assertTrue(assertThrows(InvalidRecipeException.class, crossing::requireClassesFollowFromRegions)
                .getMessage()
                .contains("ab and bc overlap"));
        LabelSpace sum = new LabelSpace(
                "X",
                Map.of(1, A, 2, B),
                List.of(A, B),
                List.of(new Region("ab", Set.of(A, B), A), Region.of("a", A), Region.of("b", B)));
        assertTrue(assertThrows(InvalidRecipeException.class, sum::requireClassesFollowFromRegions)
                .getMessage()
                .contains("ab has 0 classes"));
    }

    private static void assertRefused(String part, Executable constructor) {
        String message =
                assertThrows(IllegalArgumentException.class, constructor).getMessage();
        assertTrue(message.contains(part), message);
    }
}
