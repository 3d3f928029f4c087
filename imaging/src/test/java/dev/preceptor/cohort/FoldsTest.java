package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldsTest {
    @TempDir
    Path folder;

    @Test
    void everySubjectIsHeldOutOnceAndFoldsDifferByAtMostOne() {
        for (int seed = 0; seed < 50; seed++) {
            Map<String, Double> volumes = volumes(seed);
            int count = 2 + seed % 4;
            Folds folds = Folds.of(volumes, count, seed);
            List<String> all = new ArrayList<>();
            int least = Integer.MAX_VALUE;
            int most = 0;
            for (int k = 0; k < count; k++) {
                Folds.Fold fold = folds.fold(k);
                all.addAll(fold.heldOut());
                least = Math.min(least, fold.heldOut().size());
                most = Math.max(most, fold.heldOut().size());
                TreeSet<String> both = new TreeSet<>(fold.training());
                assertTrue(Collections.disjoint(both, fold.heldOut()), "seed " + seed);
                both.addAll(fold.heldOut());
                assertEquals(volumes.keySet(), both, "seed " + seed);
            }
            Collections.sort(all);
            assertEquals(List.copyOf(new TreeSet<>(volumes.keySet())), all, "seed " + seed);
            assertTrue(most - least <= 1, "seed " + seed);
        }
    }

    @Test
    void everyFoldHoldsSmallMediumAndLargeTumours() {
        Map<String, Double> volumes = new LinkedHashMap<>();
        for (int i = 0; i < 30; i++) {
            volumes.put("s" + i, (double) i);
        }
        for (int seed = 0; seed < 20; seed++) {
            Folds folds = Folds.of(volumes, 5, seed);
            for (int k = 0; k < 5; k++) {
                int[] terciles = new int[3];
                folds.fold(k).heldOut().forEach(id -> terciles[(int) (volumes.get(id) / 10)]++);
                assertEquals("[2, 2, 2]", Arrays.toString(terciles), "seed " + seed);
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameFoldsInAnyOrderOfSubjects() {
        Map<String, Double> volumes = volumes(7);
        List<String> ids = new ArrayList<>(volumes.keySet());
        Collections.reverse(ids);
        Map<String, Double> reversed = new LinkedHashMap<>();
        ids.forEach(id -> reversed.put(id, volumes.get(id)));
        assertEquals(Folds.of(volumes, 3, 42), Folds.of(reversed, 3, 42));
        HashSet<Folds> draws = new HashSet<>();
        for (int seed = 0; seed < 10; seed++) {
            draws.add(new Folds(0, Folds.of(volumes, 3, seed).heldOut()));
        }
        assertNotEquals(1, draws.size());
    }

    @Test
    void writtenFoldsAreRead() {
        Folds folds = Folds.of(volumes(3), 4, 11);
        Path file = folder.resolve("folds.json");
        folds.write(file);
        assertEquals(folds, Folds.read(file));
    }

    @Test
    void anIncompleteOrContradictoryFileIsRefused() throws IOException {
        Path file = folder.resolve("folds.json");
        Files.writeString(file, "{\"seed\": 1}");
        assertThrows(InvalidFileException.class, () -> Folds.read(file));
        Files.writeString(file, "{\"seed\": 1, \"held_out\": [[\"a\"], [\"a\"]]}");
        String message =
                assertThrows(InvalidFileException.class, () -> Folds.read(file)).getMessage();
        assertTrue(message.contains("subject a is in two folds"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"seed\": 18446744073709551616, \"held_out\": [[\"a\"]]}",
                "{\"seed\": 1.5, \"held_out\": [[\"a\"]]}",
                "{\"seed\": 3, \"held_out\": [[\"a\", [1, 2]], [\"c\"]]}",
                "{\"seed\": 3, \"held_out\": [[\"a\", 7], [\"c\"]]}",
                "{\"seed\": 3, \"held_out\": [\"a\", \"c\"]}",
                "{\"seed\": 3, \"held_out\": {\"a\": 1}}",
                "[1]",
                ""
            })
    void aFileThatIsNotAListOfFoldsIsRefusedInOneLine(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("folds.json"), json);
        String message =
                assertThrows(InvalidFileException.class, () -> Folds.read(file)).getMessage();
        assertTrue(message.startsWith(file + ": is not a list of folds"), message);
    }

    @Test
    void impossibleDivisionsAreRefused() {
        assertThrows(InvalidRecipeException.class, () -> Folds.of(volumes(1), 1, 0));
        assertThrows(InvalidCohortException.class, () -> Folds.of(Map.of("a", 1.0), 2, 0));
        assertThrows(
                InvalidRecipeException.class, () -> Folds.of(volumes(1), 2, 0).fold(2));
    }

    @Test
    void aCohortIsDividedByItsLabelMaps() {
        Cohort cohort = Cohort.open(CohortFixture.brats2021(folder, 4).root());
        Map<String, Double> volumes = CohortSummary.of(cohort).foregroundMl();
        assertEquals(Folds.of(volumes, 2, 5), Folds.of(cohort, 2, 5));
        assertEquals(2, Folds.of(cohort, 2, 5).count());
    }

    @Test
    void allScansOfAPatientAreInOneHeldOutFold() {
        CohortFixture fixture = new CohortFixture(folder);
        List<String> first = List.of("BraTS-GLI-00001-100", "BraTS-GLI-00001-101");
        List<String> second = List.of("BraTS-GLI-00002-100", "BraTS-GLI-00002-101");
        for (int i = 0; i < 2; i++) {
            fixture.modernSubject(first.get(i), 1 + i, LabelSpace.BRATS_2024);
            fixture.modernSubject(second.get(i), 3 + i, LabelSpace.BRATS_2024);
        }
        Cohort cohort = Cohort.open(fixture.root());
        for (int seed = 0; seed < 20; seed++) {
            assertEquals(
                    Set.of(first, second), Set.copyOf(Folds.of(cohort, 2, seed).heldOut()), "seed " + seed);
        }
        String message = assertThrows(InvalidCohortException.class, () -> Folds.of(cohort, 3, 1))
                .getMessage();
        assertEquals("cannot make 3 folds of 4 subjects of 2 patients", message);
    }

    @Test
    void patientsAreDealtOutByTheMeanVolumeOfTheirScans() {
        Map<String, Double> volumes = new LinkedHashMap<>();
        for (int patient = 0; patient < 6; patient++) {
            for (int session = 0; session <= patient % 3; session++) {
                volumes.put("sub-" + patient + "_ses-" + session, 10.0 * patient + session);
            }
        }
        for (int seed = 0; seed < 20; seed++) {
            Folds folds = Folds.of(volumes, 2, seed);
            for (int k = 0; k < 2; k++) {
                int[] pairs = new int[3];
                new TreeSet<>(folds.fold(k).heldOut())
                        .stream()
                                .map(id -> Character.digit(id.charAt(4), 10))
                                .distinct()
                                .forEach(patient -> pairs[patient / 2]++);
                assertEquals("[1, 1, 1]", Arrays.toString(pairs), "seed " + seed);
            }
        }
    }

    @Test
    void foldsOfOneScanForEachPatientDependOnTheIdsAlone() {
        Map<String, Double> volumes = new LinkedHashMap<>();
        for (int i = 0; i < 10; i++) {
            volumes.put(String.format("BraTS-GLI-%05d-%03d", 7 * (i + 1), (i + 1) % 3), (double) (7 * i % 10));
        }
        assertEquals(
                List.of(
                        List.of("BraTS-GLI-00014-002", "BraTS-GLI-00028-001", "BraTS-GLI-00070-001"),
                        List.of(
                                "BraTS-GLI-00021-000",
                                "BraTS-GLI-00049-001",
                                "BraTS-GLI-00056-002",
                                "BraTS-GLI-00063-000"),
                        List.of("BraTS-GLI-00007-001", "BraTS-GLI-00035-002", "BraTS-GLI-00042-000")),
                Folds.of(volumes, 3, 42).heldOut());
    }

    private static Map<String, Double> volumes(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Double> volumes = new LinkedHashMap<>();
        int subjects = 5 + random.nextInt(30);
        for (int i = 0; i < subjects; i++) {
            volumes.put("subject" + i, Math.floor(10 * random.nextDouble()));
        }
        return volumes;
    }
}
