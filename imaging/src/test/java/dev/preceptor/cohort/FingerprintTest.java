package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.Shared;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
    @TempDir
    Path folder;

    @Test
    void dependsOnVoxelsAndIdsButNotOnFoldersOrCompression() {
        Fingerprint packed = Fingerprint.of(
                Cohort.open(CohortFixture.brats2021(folder.resolve("a"), 2).root()));
        CohortFixture moved = new CohortFixture(folder.resolve("b"))
                .legacySubject("HGG", "BraTS2021_00002", 2, ".nii")
                .legacySubject("", "BraTS2021_00001", 1, ".nii");
        assertEquals(packed.hash(), Fingerprint.of(Cohort.open(moved.root())).hash());
        assertTrue(packed.hash().matches("[0-9a-f]{32}"), packed.hash());
        float[] voxels = CohortFixture.volume(1, Sequence.T2).voxels();
        voxels[500]++;
        moved.replace("BraTS2021_00001", "t2", new Volume(CohortFixture.GRID, voxels));
        assertNotEquals(packed.hash(), Fingerprint.of(Cohort.open(moved.root())).hash());
    }

    private String hash(String labels) throws IOException {
        CohortFixture.nnunet(folder, 1);
        Files.writeString(
                folder.resolve("dataset.json"),
                "{\"channel_names\": {\"0\": \"T1\", \"1\": \"T1ce\", \"2\": \"T2\", \"3\": \"Flair\"}, " + labels
                        + "}");
        return Fingerprint.of(Cohort.open(folder)).hash();
    }

    @Test
    void dependsOnTheClassesOfEachRegionAndOnTheOneThatIsWritten() throws IOException {
        String wide = hash(
                "\"labels\": {\"lesion\": [1, 2, 3], \"core\": [2, 3], \"rim\": [3]}, \"regions_class_order\": [1, 2, 3]");
        String narrow = hash(
                "\"labels\": {\"lesion\": [1, 2, 3], \"core\": [2], \"rim\": [3]}, \"regions_class_order\": [1, 2, 3]");
        assertNotEquals(wide, narrow);
        LabelClass first = new LabelClass("first");
        LabelClass second = new LabelClass("second");
        List<LabelClass> classes = List.of(first, second);
        Region inner = new Region("inner", Set.of(second), second);
        List<String> definitions = Stream.of(first, second)
                .map(written -> new LabelSpace(
                        "L",
                        Map.of(1, first, 2, second),
                        classes,
                        List.of(new Region("outer", Set.of(first, second), written), inner)))
                .map(LabelSpace::definition)
                .toList();
        assertNotEquals(definitions.get(0), definitions.get(1));
    }

    /** Finished runs state it: if this test fails, none of them can be resumed. */
    @Test
    void isTheOneOfFinishedRunsWhereNamesDefineTheRegions() throws IOException {
        Cohort brats =
                Cohort.open(CohortFixture.brats2021(folder.resolve("brats"), 2).root());
        assertEquals(
                List.of(
                        "4f81574461eb19f8432866fbf85c7370",
                        "943e08e632a3f766e086a13e67106b07",
                        "c7057d4762f6f76422c46363dcf335d1"),
                List.of(
                        Fingerprint.of(brats).hash(),
                        hash("\"labels\": {\"oedema\": 1, \"cyst\": 2, \"rim\": 3}"),
                        hash("\"labels\": {\"rim\": 3, \"oedema\": 1, \"cyst\": 2}")));
    }

    @Test
    void describesIntensitiesOverNonZeroVoxels() {
        float[] voxels = new float[1000];
        for (int i = 1; i <= 201; i++) {
            voxels[3 * i] = i;
        }
        IntensityStatistics s = IntensityStatistics.of(new Volume(Grid.of(Size.cube(10), 1), voxels));
        assertEquals(201, s.voxels());
        assertEquals(101, s.mean(), 1e-9);
        assertEquals(Math.sqrt((201.0 * 201 - 1) / 12), s.std(), 1e-9);
        assertEquals(2, s.p005(), 1e-9);
        assertEquals(101, s.p50(), 1e-9);
        assertEquals(200, s.p995(), 1e-9);
    }

    @Test
    void countsVolumesAndLesions() {
        Fingerprint fingerprint =
                Fingerprint.of(Cohort.open(CohortFixture.brats2021(folder, 1).root()));
        SubjectStatistics subject = fingerprint.subjects().get(0);
        assertEquals(1, subject.lesions());
        assertEquals(0.064, subject.regionsMl().get(Region.WT), 1e-9);
        assertEquals(Map.of("12x10x8 voxels of 1 x 1 x 1 mm", 1), fingerprint.grids());
    }

    @Tag("shared")
    @Test
    void fivePatientsHaveNoProblemsAndNestedRegions() {
        Cohort cohort = Cohort.open(Shared.file("data/brats"));
        CohortSummary summary = CohortSummary.of(cohort);
        assertEquals(5, cohort.subjects().size());
        assertEquals(List.of(), summary.problems());
        assertEquals(
                Map.of("240x240x155 voxels of 1 x 1 x 1 mm", 5),
                summary.fingerprint().grids());
        summary.fingerprint().subjects().forEach(s -> {
            assertTrue(s.regionsMl().get(Region.WT) > s.regionsMl().get(Region.TC), s.id());
            assertTrue(s.regionsMl().get(Region.TC) > s.regionsMl().get(Region.ET), s.id());
        });
        assertEquals(162.397, summary.foregroundMl().get("Brats18_TCIA05_396_1"), 1e-9);
    }
}
