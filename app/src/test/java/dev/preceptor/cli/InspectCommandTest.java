package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Settings;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @Test
    void aModelIsAPageOfTextOrCompleteJson() {
        Path file = folder.resolve("student.safetensors");
        Models.small(1).write(file);
        Run text = Run.of("inspect", file.toString());
        assertEquals(0, text.code(), text.err());
        for (String line : List.of(
                "segments         WT, TC, ET from T1CE",
                "network          unet, 969 weights; skips 1, widths [2, 4]",
                "region           WT: labels 1 NCR, 2 ED, 4 ET; written as ED",
                "                 TC: labels 1 NCR, 4 ET; written as NCR",
                "labels           BRATS_2018: 0 background, 1 NCR, 2 ED, 4 ET",
                "preprocessing    turn to LPS, scale the non-zero voxels to mean 0 and variance 1, crop to the non-zero box",
                "tiles            16x16x16 voxels, neighbours overlap by 50 %",
                "scores           of two phantoms (n = 2), convention test",
                "                 WT: dice 0.5000",
                "trained on       not recorded",
                "provenance       cohort def",
                "signature        none")) {
            assertTrue(text.out().contains(line + "\n"), line + " is not in\n" + text.out());
        }
        JsonNode found = read(Run.of("inspect", "--json", file.toString()).out());
        assertEquals("preceptor/1", found.get("format").stringValue());
        assertEquals(64, found.get("sha256").stringValue().length());
        assertTrue(found.get("signature").isNull());
        assertTrue(!found.get("takesAnySubset").booleanValue());
    }

    @ParameterizedTest
    @CsvSource({"unet, T1CE, all", "unet, T1CE FLAIR, all", "u-hemis, T1CE, all", "u-hemis, T1CE FLAIR, any"})
    void whetherAnySubsetOfTheSequencesSufficesIsSaidAsThePredictorTakesThem(
            String network, String sequences, String needed) {
        Sequence[] inputs = Stream.of(sequences.split(" ")).map(Sequence::of).toArray(Sequence[]::new);
        Path file = folder.resolve("model.safetensors");
        ModelDescription unet = Models.description(List.of(2, 4), TargetEncoding.REGIONS, inputs);
        NetworkSpec spec =
                new NetworkSpec(network, inputs.length, unet.network().outputs(), Map.of("widths", List.of(4, 8)));
        Models.random(Models.withNetwork(unet, spec), 1).write(file);
        boolean isAny = needed.equals("any");
        JsonNode found = read(Run.of("inspect", "--json", file.toString()).out());
        assertEquals(isAny, found.get("takesAnySubset").booleanValue());
        try (Predictor predictor = Predictor.open(List.of(ModelFile.read(file)), PredictionOptions.DEFAULTS)) {
            assertEquals(isAny, predictor.takesAnySubset());
        }
    }

    @Test
    void theSignatureOfAModelIsShownAndSaysIfTheModelHasChanged() throws IOException {
        Path file = folder.resolve("student.safetensors");
        Models.small(1).write(file);
        String name = folder.resolve("hospital").toString();
        Run created = Run.of("sign", "--create-key", name);
        assertEquals(0, created.code(), created.err());
        String id = created.out().strip().replace("key ", "");
        Run signed = Run.of("sign", "--model", file.toString(), "--key", name + ".pem");
        assertEquals(file + ".sig", signed.out().strip(), signed.err());
        assertTrue(Run.of("inspect", file.toString()).out().contains("signature        names the key " + id));
        Run verified = Run.of("verify", "--model", file.toString(), "--key", name + ".pub.pem");
        assertEquals(0, verified.code(), verified.err());
        assertEquals(file + ": signed with the key " + id, verified.out().strip());

        Models.small(2).write(file);
        assertTrue(Run.of("inspect", file.toString()).out().contains("signature        of other content"));
        assertTrue(Run.of("inspect", "--json", file.toString()).out().contains("\"signsThisFile\" : false"));
        Run refused = Run.of("verify", "--model", file.toString(), "--key", name + ".pub.pem");
        assertEquals(1, refused.code());
        assertEquals(1, refused.errorLines().size(), refused.err());
        Run predicted = Run.of(
                "predict",
                "--model",
                file.toString(),
                "--trusted-key",
                name + ".pub.pem",
                "--input",
                folder.toString(),
                "--out",
                folder.resolve("out").toString());
        assertEquals(1, predicted.code());
        assertTrue(predicted.err().contains("was changed after it was signed"), predicted.err());
        assertTrue(!Files.exists(folder.resolve("out")));
    }

    @Test
    void signingNeedsAModelAndAKeyOrANameForANewKey() {
        for (String[] wrong : new String[][] {
            {"sign"}, {"sign", "--model", "x"}, {"sign", "--key", "x", "--model", "y", "--create-key", "z"}
        }) {
            Run run = Run.of(wrong);
            assertEquals(2, run.code(), run.err());
            assertEquals(1, run.errorLines().size(), run.err());
        }
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
        assertTrue(run.err().contains("neither a NIfTI or DICOM file nor a model"), run.err());
    }

    @Test
    void aDicomSeriesIsDescribedWithItsSequenceAndWithoutThePatient() {
        Run run = Run.of("inspect", TestFiles.of("imaging", "dicom/series").toString());
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("41x33x12 voxels") && run.out().contains("T1CE ("), run.out());
        Run json = Run.of(
                "inspect", TestFiles.of("imaging", "dicom/syntaxes/rle.dcm").toString(), "--json");
        assertEquals("DICOM", read(json.out()).get("format").stringValue());
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
