package dev.preceptor.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Sequence;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights of make_import_fixture.py: a U-Net of PyTorch with other names, in float16. */
class WeightImportTest {
    private static final Path WEIGHTS = TestFiles.of("learning", "golden/import.safetensors");
    private static final WeightNames NAMES = new WeightNames(Map.of(
            "encoder.*.*.conv.*", "net.down.*.unit*.conv.*",
            "encoder.*.*.norm.*", "net.down.*.unit*.norm.*",
            "decoder.*.*.conv.*", "net.up.*.unit*.conv.*",
            "decoder.*.*.norm.*", "net.up.*.unit*.norm.*",
            "head.*", "net.out.*"));
    private static final List<String> EXPECTED = List.of("expected.*");

    private static ModelFile like;

    @TempDir
    private Path folder;

    @BeforeAll
    static void model() {
        Torch.open();
        like = Models.random(Models.description(List.of(2, 4, 8), TargetEncoding.REGIONS, Sequence.T1CE), 3);
    }

    @Test
    void theImportedNetworkAnswersAsPyTorchDoes() {
        WeightImport result = WeightImport.of(like, WEIGHTS, NAMES, EXPECTED);
        assertEquals(like.weights().size(), result.converted());
        Path file = folder.resolve("imported.safetensors");
        result.model().write(file);
        Map<String, ArrayData> golden = GoldenFiles.read("import.safetensors").arrays();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                LoadedModel loaded = ModelFile.load(file, new Device("cpu"))) {
            float[] logits = Tensors.toFloats(loaded.network()
                    .forward(golden.get("expected.input").toTensor())
                    .logits());
            assertArrayEquals(Tensors.toFloats(golden.get("expected.logits").toTensor()), logits, 1e-5f);
        }
    }

    @Test
    void scoresAndProvenanceOfTheOtherWeightsAreNotTakenOver() {
        ModelDescription description =
                WeightImport.of(like, WEIGHTS, NAMES, EXPECTED).model().description();
        assertEquals(Scores.NONE, description.scores());
        assertEquals("import.safetensors", description.provenance().get("imported"));
        assertTrue(!description.provenance().containsKey("recipe"));
        assertEquals(like.description().network(), description.network());
        assertEquals(like.description().schema(), description.schema());
    }

    @Test
    void whatDoesNotFitIsCountedAndNamedInOneLine() {
        int count = like.weights().size();
        String message = refusal(WEIGHTS, WeightNames.SAME, List.of());
        assertTrue(message.contains(count + " missing (encoder.0.0.conv.weight, encoder.0.0.conv.bias, "), message);
        assertTrue(message.contains((count + 2) + " in the file but not in the network ("), message);
        assertTrue(message.contains(", ...)"), message);
    }

    @Test
    void aWeightOfAnotherShapeOrTypeIsRefused() {
        Map<String, ArrayData> arrays = new LinkedHashMap<>(like.weights());
        arrays.put("head.bias", new ArrayData(ArrayData.Type.F32, new long[] {4}, ByteBuffer.allocate(16)));
        arrays.put("encoder.0.0.conv.bias", new ArrayData(ArrayData.Type.I32, new long[] {2}, ByteBuffer.allocate(8)));
        Path file = folder.resolve("bad.safetensors");
        new Safetensors(Map.of(), arrays).write(file);
        String message = refusal(file, WeightNames.SAME, List.of());
        assertTrue(message.contains("1 of another shape (head.bias [4], not [3])"), message);
        assertTrue(message.contains("1 no floating-point numbers (encoder.0.0.conv.bias I32)"), message);
    }

    @Test
    void anArrayIsTheSourceOfOneWeightOnly() {
        WeightNames twice = new WeightNames(Map.of("encoder.0.0.conv.bias", "encoder.0.0.norm.bias"));
        Path file = folder.resolve("own.safetensors");
        like.write(file);
        assertTrue(refusal(file, twice, List.of()).contains("is the source of two weights"));
    }

    private String refusal(Path weights, WeightNames names, List<String> ignored) {
        String message = assertThrows(InvalidFileException.class, () -> WeightImport.of(like, weights, names, ignored))
                .getMessage();
        assertTrue(message.startsWith(weights.toString()), message);
        assertEquals(1, message.lines().count());
        return message;
    }

    @Test
    void anExactNameTakesPrecedenceOverPatterns() {
        WeightNames names = new WeightNames(Map.of("a.*", "b.*", "a.x", "c"));
        assertEquals("c", names.theirs("a.x"));
        assertEquals("b.y", names.theirs("a.y"));
        assertEquals("z", names.theirs("z"));
    }

    @Test
    void aNameThatTwoPatternsMatchIsRefused() {
        WeightNames names = new WeightNames(Map.of("a.*", "b.*", "*.w", "c.*"));
        assertTrue(assertThrows(PreceptorException.class, () -> names.theirs("a.w"))
                .getMessage()
                .contains("give it a pair of its own"));
    }

    @Test
    void aFileOfNamesIsReadOrRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("names.json"), "{\"a.*\": \"b.*\"}");
        assertEquals(new WeightNames(Map.of("a.*", "b.*")), WeightNames.read(file));
        for (String bad : List.of("[1]", "{\"a\": 1}", "{\"a.*\": \"b\"}", "{")) {
            Files.writeString(file, bad);
            String message = assertThrows(InvalidFileException.class, () -> WeightNames.read(file))
                    .getMessage();
            assertTrue(message.startsWith(file.toString()), message);
        }
    }
}
