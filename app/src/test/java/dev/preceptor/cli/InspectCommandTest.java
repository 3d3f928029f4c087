package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Settings;
import dev.preceptor.testing.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class InspectCommandTest {
    private static final double CLOSE = 1e-4;

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> everyFileOfTheCorpusIsReadAsItsManifestSaysOrRefusedInOneLine() {
        Path corpus = TestFiles.of("imaging", "golden/nifti");
        return JsonFiles.read(corpus.resolve("manifest.json")).valueStream().map(entry -> {
            String name = entry.get("file").stringValue();
            return DynamicTest.dynamicTest(name, () -> check(corpus.resolve(name), entry));
        });
    }

    @Test
    void weightsOfMtcmKdsReferenceAreListedByNetwork() {
        Run run = Run.of(
                "inspect",
                TestFiles.of("learning", "golden/mtcm_kd/step.safetensors").toString());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("format         weights of MTCM-KD's reference implementation"), run.out());
        assertTrue(
                run.out()
                        .contains("initial/teacher_t2 resunet {attention=CHANNEL, heads=2, widths=[8, 16, 32, 64]},"
                                + " 1 inputs, 4 outputs, "),
                run.out());
    }

    private static void check(Path file, JsonNode entry) {
        Run run = Run.of("inspect", file.toString(), "--json");
        if (!entry.get("ok").booleanValue()) {
            assertEquals(1, run.code(), run.out());
            assertEquals("", run.out());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.err().startsWith("preceptor: error: " + file.getParent()), run.err());
            return;
        }
        assertEquals(0, run.code(), run.err());
        JsonNode found = read(run.out());
        assertEquals(entry.get("shape"), found.get("shape"));
        if (entry.has("endian")) {
            assertEquals(entry.get("endian"), found.get("endian"));
        }
        JsonNode affine = entry.path("affine");
        for (int i = 0; affine.isArray() && i < 16; i++) {
            double expected = affine.get(i / 4).get(i % 4).doubleValue();
            assertEquals(expected, found.get("affine").get(i / 4).get(i % 4).doubleValue(), CLOSE, "affine " + i);
        }
        for (String list : List.of("first5", "last2")) {
            JsonNode expected = entry.path("values").path(list);
            for (int i = 0; i < expected.size(); i++) {
                double value = expected.get(i).doubleValue();
                assertEquals(value, found.get(list).get(i).doubleValue(), CLOSE * Math.max(1, Math.abs(value)), list);
            }
        }
    }

    @Test
    void anUnknownFormatIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("notes.txt"), "T1CE looks fine");
        Run run = Run.of("inspect", file.toString());
        assertEquals(1, run.code());
        assertTrue(run.err().contains("neither a NIfTI file nor a model"), run.err());
    }

    @Test
    void theContentDecidesAndNotTheName() throws IOException {
        Run made = Run.of("phantom", "--out", folder.resolve("c").toString(), "--subjects", "1", "--size", "24");
        assertEquals(0, made.code(), made.err());
        Path image = folder.resolve("c/clean/BraTS2021_90000.nii.gz");
        Path renamed = Files.copy(image, folder.resolve("weights.safetensors"));
        Run run = Run.of("inspect", renamed.toString(), "--json");
        assertEquals(0, run.code(), run.err());
        assertEquals("nifti-1", read(run.out()).get("format").stringValue());
    }

    @Test
    void aTruncatedModelIsRefusedInOneLine() throws IOException {
        byte[] start = new byte[64];
        start[0] = 100;
        start[8] = '{';
        Path file = Files.write(folder.resolve("student.bin"), start);
        Run run = Run.of("inspect", file.toString());
        assertEquals(1, run.code());
        assertEquals(1, run.errorLines().size(), run.err());
    }

    @Test
    void aFolderWithoutAStateIsNotACheckpoint() {
        Run run = Run.of("inspect", folder.toString());
        assertEquals(1, run.code());
        assertTrue(run.err().contains("not a checkpoint"), run.err());
    }

    @Test
    void aCheckpointIsShownByItsState() throws IOException {
        Files.writeString(folder.resolve("state.json"), "{\"phase\": 1, \"epoch\": 7}");
        Run run = Run.of("inspect", folder.toString(), "--json");
        assertEquals(0, run.code(), run.err());
        assertEquals(7, read(run.out()).get("epoch").intValue());
    }

    private static JsonNode read(String json) {
        return Settings.JSON.readTree(json);
    }
}
