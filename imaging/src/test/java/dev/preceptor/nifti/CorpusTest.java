package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Affine;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every file of the conformance corpus reads as the manifest of the corpus specifies. */
class CorpusTest {
    private static final Path CORPUS = TestFiles.of("imaging", "golden/nifti");

    @TestFactory
    Stream<DynamicTest> everyFileReadsAsTheManifestSpecifies() {
        JsonNode manifest =
                JsonMapper.shared().readTree(CORPUS.resolve("manifest.json").toFile());
        assertTrue(manifest.size() >= 82, "the manifest has " + manifest.size() + " entries");
        return manifest.valueStream().map(entry -> {
            String name = entry.get("file").asString();
            return DynamicTest.dynamicTest(name, () -> check(CORPUS.resolve(name), entry));
        });
    }

    private static void check(Path file, JsonNode entry) {
        boolean ok = entry.get("ok").asBoolean();
        boolean labels = entry.path("note").asString("").startsWith("label map");
        if (!ok) {
            InvalidFileException refusal = assertThrows(InvalidFileException.class, () -> {
                if (labels) {
                    Nifti.readLabelValues(file);
                } else {
                    Nifti.summarise(file);
                }
            });
            assertTrue(refusal.getMessage().contains(file.getFileName().toString()), refusal.getMessage());
            assertFalse(refusal.getMessage().contains("\n"), refusal.getMessage());
            return;
        }
        if (labels) {
            assertTrue(Set.of(0, 1, 2, 3, 4).containsAll(Nifti.readLabelValues(file)));
        }
        NiftiSummary summary = Nifti.summarise(file);
        NiftiHeader header = summary.header();
        assertEquals(
                numbers(entry.get("shape")),
                header.shape().stream().map(Integer::doubleValue).toList());
        if (entry.has("code")) {
            assertEquals(entry.get("code").asInt(), header.datatype().code());
        }
        if (entry.has("endian")) {
            assertEquals(entry.get("endian").asString(), summary.toMap().get("endian"));
            assertEquals(entry.get("endian").asString().equals("le"), header.order() == ByteOrder.LITTLE_ENDIAN);
        }
        if (entry.has("affine")) {
            for (int row = 0; row < 4; row++) {
                double[] expected = numbers(entry.get("affine").get(row)).stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray();
                assertArrayEquals(expected, header.affine().toMatrix()[row], 1e-6);
            }
        }
        if (entry.path("values").isObject()) {
            NiftiSummary.Values values = summary.values().orElseThrow();
            assertEquals(numbers(entry.get("values").get("first5")), values.first5());
            assertEquals(numbers(entry.get("values").get("last2")), values.last2());
            assertEquals(entry.get("values").get("sum").asDouble(), values.sum());
        } else if (entry.has("values")) {
            assertTrue(summary.values().isEmpty());
            assertThrows(InvalidFileException.class, () -> Nifti.readVolume(file));
        }
    }

    private static List<Double> numbers(JsonNode array) {
        return array.valueStream().map(JsonNode::asDouble).toList();
    }

    @Test
    void aFileWithoutAffineIsPlacedAsInNibabel() {
        NiftiHeader header = Nifti.readHeader(CORPUS.resolve("aff_none_codes0.nii"));
        assertEquals(new Affine(-1, 0, 0, 1, 0, 2, 0, -3, 0, 0, 3, -6), header.affine());
        assertEquals(1, header.warnings().size());
    }

    @Test
    void disagreementOfSformAndQformIsReportedAndTheSformUsed() {
        NiftiHeader header = Nifti.readHeader(CORPUS.resolve("aff_q_s_disagree.nii"));
        assertEquals(List.of("sform and qform disagree; the sform is used"), header.warnings());
    }

    @Test
    void voxelSizesOfZeroOrLessAreReadAsInNibabel() {
        for (String name : List.of("pix_zero.nii", "pix_negative.nii")) {
            NiftiHeader header = Nifti.readHeader(CORPUS.resolve(name));
            assertArrayEquals(new double[] {1, 1, 1}, header.affine().spacing(), name);
            assertFalse(header.warnings().isEmpty());
        }
    }

    @Test
    void micrometresBecomeMillimetresInAVolume() {
        Path file = CORPUS.resolve("units_micron.nii");
        assertArrayEquals(
                new double[] {1000, 1000, 1000}, Nifti.readHeader(file).affine().spacing());
        assertArrayEquals(new double[] {1, 1, 1}, Nifti.readVolume(file).grid().spacing(), 1e-9);
    }

    @Test
    void damagedGzipIsRefusedWithThePosition() {
        for (String name : List.of("bad_crc.nii.gz", "bad_truncated.nii.gz")) {
            InvalidFileException refusal =
                    assertThrows(InvalidFileException.class, () -> Nifti.readVolume(CORPUS.resolve(name)));
            assertTrue(refusal.getMessage().matches(".*broken gzip at byte \\d+ of \\d+: .*"), refusal.getMessage());
        }
    }

    @Test
    void aFourthDimensionIsReadFrameByFrame() {
        Path file = CORPUS.resolve("dim_4d.nii");
        assertThrows(InvalidFileException.class, () -> Nifti.readVolume(file));
        assertThrows(InvalidFileException.class, () -> Nifti.readVolume(file, 5));
        assertEquals(32767, Nifti.readVolume(file, 4).at(2, 3, 0));
        assertArrayEquals(
                Nifti.readVolume(file, 3).voxels(),
                Nifti.readVolumes(file).get(3).voxels());
    }
}
