package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.Models;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path out;

    @BeforeEach
    void write() {
        model = folder.resolve("student.safetensors");
        out = folder.resolve("student.onnx");
        Models.random(Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE, Sequence.FLAIR), 1)
                .write(model);
    }

    private Run export(String... further) {
        return Run.of(Stream.concat(
                        Stream.of("export", "--model", model.toString(), "--out", out.toString()), Stream.of(further))
                .toArray(String[]::new));
    }

    private void refused(Run run, int code, String reason) {
        assertEquals(code, run.code(), run.err());
        assertEquals("preceptor: error: " + reason, run.err().strip());
        assertFalse(Files.exists(out));
    }

    @Test
    void aModelIsWrittenWithItsMetadataAndNothingElse() throws IOException {
        Run run = export();
        assertEquals(0, run.code(), run.err());
        assertEquals(out + ": from T1CE, FLAIR\n", run.out());
        String content = Files.readString(out, StandardCharsets.ISO_8859_1);
        for (String text : List.of("preceptor-onnx/1", "ZSCORE_NONZERO", "BRATS_2018", "encoder.0.0.conv.weight")) {
            assertTrue(content.contains(text), text);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(out, model), files.sorted().toList());
        }
    }

    @Test
    void theFormatHasItsName() {
        assertEquals(0, export("--format", "onnx").code());
        assertEquals(2, export("--format", "tflite").code());
    }

    @Test
    void aModelThatCannotMissASequenceIsRefused() {
        refused(
                export("--sequences", "T1CE"),
                1,
                model
                        + ": the network unet needs all of [T1CE, FLAIR], not only [T1CE]; a network that takes any subset of"
                        + " its sequences can be exported for some");
        assertEquals(0, export("--sequences", "flair,t1ce").code());
    }

    @Test
    void anotherEndingIsRefusedBeforeTheModelIsRead() {
        out = folder.resolve("student.pb");
        model = folder.resolve("absent.safetensors");
        refused(
                export(),
                2,
                "--out must end in .onnx for the format onnx, not be " + out + " (see preceptor export --help)");
    }

    @Test
    void whatIsNoModelIsRefusedAndAnOlderFileStays() throws IOException {
        Files.writeString(model, "weights");
        Files.writeString(out, "older");
        Run run = export();
        assertEquals(1, run.code());
        assertTrue(run.err().startsWith("preceptor: error: " + model + ": "), run.err());
        assertEquals(1, run.errorLines().size(), run.err());
        assertEquals("older", Files.readString(out));
    }
}
