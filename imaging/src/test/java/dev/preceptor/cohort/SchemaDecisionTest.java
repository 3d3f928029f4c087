package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicom.SegmentationAlgorithm;
import dev.preceptor.dicom.SegmentationEncoder;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.dicom.SourceSeries;
import dev.preceptor.nifti.LabelDeclaration;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaDecisionTest {
    private static final LabelSpace FOREIGN =
            new LabelSpace("DATASET_JSON", Map.of(1, LabelClass.ET, 2, LabelClass.NCR, 3, LabelClass.ED));

    @TempDir
    Path root;

    @Test
    void valuesThatFitSeveralSchemasAreRefusedWithTheirNames() {
        assertAmbiguous("alice", new byte[] {1, 2, 3}, "BRATS_2023", "MSD_TASK01", "BRATS_PED_2024");
        assertAmbiguous("alice", new byte[] {1, 2, 3, 4}, "BRATS_2013", "BRATS_2024", "BRATS_PED_2024");
        assertAmbiguous("alice", new byte[] {1, 2}, "BRATS_2018", "MSD_TASK01");
        assertAmbiguous("BraTS-PED-00001-000", new byte[] {1, 2, 3}, "BRATS_2023", "BRATS_PED_2024");
        assertAmbiguous("BraTS-MEN-RT-0001-1", new byte[] {1}, "BRATS_2018", "MSD_TASK01");
    }

    @Test
    void aGivenSchemaDecides() {
        cohort("alice", new byte[] {1, 2, 3});
        for (LabelSpace given : List.of(LabelSpace.MSD_TASK01, LabelSpace.BRATS_2023, FOREIGN)) {
            Cohort cohort = Cohort.open(root, Optional.of(given));
            assertEquals(given, cohort.schema());
            assertEquals("as given", cohort.schemaReason());
        }
    }

    @Test
    void segmentsWhoseNamesDifferInCaseOnlyAreRefusedWithBothNames() {
        List<Path> files = new ArrayList<>();
        for (String name : List.of("Tumor", "tumor")) {
            LabelSpace space = new LabelSpace("SEGMENTS", Map.of(1, new LabelClass(name)));
            LabelMap labels = new LabelMap(Grid.of(Size.cube(2), 1), new byte[] {1, 0, 0, 0, 0, 0, 0, 0}, space);
            files.add(root.resolve("P" + files.size() + ".dcm"));
            new SegmentationEncoder(new SegmentationAlgorithm("Other", "1", ""), Clock.systemUTC())
                    .write(
                            files.get(files.size() - 1),
                            labels,
                            SourceSeries.on(labels.grid()),
                            SegmentationType.BINARY);
        }
        String message = assertThrows(
                        InvalidCohortException.class, () -> SchemaDecision.forFiles(root, List.of("P0", "P1"), files))
                .getMessage();
        assertTrue(message.startsWith(root + ": "), message);
        for (String part : List.of("Tumor", "tumor", "--schema")) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void valuesThatOneSchemaFitsDecide() {
        assertSchema(LabelSpace.BRATS_2018, "alice", new byte[] {1, 2, 4});
        assertSchema(LabelSpace.BRATS_2018, "alice", new byte[] {2, 4});
        assertSchema(LabelSpace.BRATS_2018, "alice", new byte[] {0});
    }

    @Test
    void officialIdsDecideWhereTheyMeanOneSchema() {
        assertSchema(LabelSpace.BRATS_2013, "brats_2013_pat0001_1", new byte[] {1, 2, 3, 4});
        assertSchema(LabelSpace.BRATS_2013, "brats_tcia_pat105_1", new byte[] {1, 2, 3, 4});
        assertSchema(LabelSpace.BRATS_2018, "Brats17_2013_2_1", new byte[] {1, 2, 4});
        assertSchema(LabelSpace.BRATS_2018, "FeTS2022_00001", new byte[] {1, 2, 4});
        assertSchema(LabelSpace.BRATS_2023, "BraTS-MET-00001-000", new byte[] {1, 2, 3});
        assertSchema(LabelSpace.BRATS_PED_2024, "BraTS-PED-00001-000", new byte[] {1, 2, 3, 4});
        assertSchema(LabelSpace.BRATS_PED_2024, "BraTS-PED-00001-000", new byte[] {1, 2, 4});
    }

    @Test
    void theTumourCoreOfPedHoldsTheCysts() {
        LabelMap map =
                new LabelMap(Grid.of(new Size(5, 1, 1), 1), new byte[] {0, 1, 2, 3, 4}, LabelSpace.BRATS_PED_2024);
        assertEquals("{1, 2, 3, 4}", map.mask(Region.WT).toString());
        assertEquals("{1, 2, 3}", map.mask(Region.TC).toString());
        assertEquals("{1}", map.mask(Region.ET).toString());
    }

    @Test
    void aDeclarationInAHeaderIsReadWithoutItsDatasetJson() {
        Path file = root.resolve("a.nii.gz");
        Nifti.write(file, CohortFixture.labels(1, FOREIGN));
        assertEquals(Optional.of(FOREIGN), SchemaDecision.declaredIn(file));
        assertEquals(
                "preceptor labels DATASET_JSON {1 ET, 2 NCR, 3 ED}",
                Nifti.readHeader(file).description());
    }

    @Test
    void aSchemaTooLongForTheHeaderIsDeclaredByTheValuesThatOccur() {
        Map<Integer, LabelClass> many = new HashMap<>(Map.of(1, LabelClass.ET, 2, LabelClass.NCR, 3, LabelClass.ED));
        for (int value = 4; value < 100; value++) {
            many.put(value, LabelClass.ED);
        }
        Path file = root.resolve("a.nii.gz");
        Nifti.write(file, CohortFixture.labels(1, new LabelSpace("DATASET_JSON", many)));
        assertEquals(
                FOREIGN.values(), SchemaDecision.declaredIn(file).orElseThrow().values());
    }

    @Test
    void aDeclarationWithoutMeaningIsRefusedWithTheRemedy() throws IOException {
        cohort("alice", new byte[] {1, 2, 3});
        Path seg = new CohortFixture(root.resolve("set")).file("alice", "seg");
        for (String text : List.of("DATASET_JSON", "OUR_HOSPITAL", "BRATS_2018 {1 NCR, 2 E", "BRATS_2018 {1 ET}")) {
            declare(seg, text);
            String message = assertThrows(PreceptorException.class, () -> Cohort.open(root))
                    .getMessage();
            assertTrue(message.contains(seg.toString()) && message.contains("--schema"), message);
            assertEquals(FOREIGN, Cohort.open(root, Optional.of(FOREIGN)).schema());
        }
        declare(seg, "MSD_TASK01");
        assertEquals(LabelSpace.MSD_TASK01, Cohort.open(root).schema());
    }

    @Test
    void declarationsThatContradictEachOtherAreRefused() {
        CohortFixture fixture =
                new CohortFixture(root).legacySubject("", "alice", 1, ".nii.gz").legacySubject("", "bob", 2, ".nii.gz");
        Nifti.write(fixture.file("alice", "seg"), CohortFixture.labels(1, LabelSpace.BRATS_2018));
        Nifti.write(fixture.file("bob", "seg"), CohortFixture.labels(2, LabelSpace.BRATS_2023));
        String message =
                assertThrows(PreceptorException.class, () -> Cohort.open(root)).getMessage();
        assertTrue(message.contains("BRATS_2018") && message.contains("BRATS_2023"), message);
    }

    @Test
    void aDeclarationCountsMoreThanAnId() {
        CohortFixture fixture = new CohortFixture(root).modernSubject("BraTS-GLI-00001-000", 1, LabelSpace.BRATS_2023);
        Nifti.write(fixture.file("BraTS-GLI-00001-000", "seg"), CohortFixture.labels(1, FOREIGN));
        assertEquals(FOREIGN, Cohort.open(root).schema());
    }

    @Test
    void aGivenTextIsANameAFileOrTheLabels() {
        CohortFixture.nnunet(root.resolve("data"), 1);
        assertEquals(Optional.of(LabelSpace.BRATS_PED_2024), SchemaDecision.given("brats_ped_2024"));
        assertEquals(
                Optional.of(LabelSpace.MSD_TASK01),
                SchemaDecision.given(root.resolve("data/dataset.json").toString()));
        assertEquals(Optional.of(FOREIGN), SchemaDecision.given(FOREIGN.toString()));
        assertEquals(Optional.empty(), SchemaDecision.given("BRATS_1999"));
        assertThrows(
                PreceptorException.class,
                () -> SchemaDecision.given(root.resolve("absent/dataset.json").toString()));
    }

    private void assertAmbiguous(String id, byte[] values, String... schemas) {
        cohort(id, values);
        String message =
                assertThrows(PreceptorException.class, () -> Cohort.open(root)).getMessage();
        assertTrue(message.contains("--schema"), message);
        Arrays.stream(schemas).forEach(name -> assertTrue(message.contains(name), message));
    }

    private void assertSchema(LabelSpace expected, String id, byte[] values) {
        cohort(id, values);
        assertEquals(expected, Cohort.open(root).schema(), id + " " + Arrays.toString(values));
    }

    /** A cohort of one subject whose label map holds these values, in place of the one before. */
    private void cohort(String id, byte[] values) {
        AtomicFiles.deleteFolder(root.resolve("set"));
        byte[] labels = new byte[CohortFixture.SIZE.voxels()];
        System.arraycopy(values, 0, labels, 400, values.length);
        new CohortFixture(root.resolve("set"))
                .legacySubject("", id, 1, ".nii.gz")
                .replaceLabels(id, labels);
    }

    private static void declare(Path file, String text) throws IOException {
        Path plain = file.resolveSibling("plain.nii");
        Nifti.write(plain, CohortFixture.labels(1, LabelSpace.BRATS_2023));
        byte[] bytes = Files.readAllBytes(plain);
        Files.delete(plain);
        Arrays.fill(bytes, 148, 228, (byte) 0);
        byte[] written = ("preceptor labels " + text).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(written, 0, bytes, 148, written.length);
        Files.write(file, bytes);
        assertEquals(
                text, LabelDeclaration.in(Nifti.readHeader(file)).orElseThrow().text());
    }
}
