package dev.preceptor.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.network.Network;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.JavaProcess;
import dev.preceptor.testing.Python;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFileTest {
    private static final ModelFile MODEL = Models.small(5);

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("student.safetensors");
        MODEL.write(file);
    }

    @Test
    void descriptionAndWeightsSurviveTheFile() {
        ModelFile read = ModelFile.read(file);
        assertEquals(MODEL.description(), read.description());
        assertEquals(MODEL.card(), read.card());
        assertEquals(MODEL.weights().keySet(), read.weights().keySet());
        MODEL.weights()
                .forEach((name, array) ->
                        assertEquals(array.bytes(), read.weights().get(name).bytes(), name));
    }

    /** Loads a model; runs in a JVM of its own. */
    static final class Loading {
        private Loading() {}

        public static void main(String[] arguments) {
            try (OpenedModel opened = OpenedModel.of(Path.of(arguments[0]), List.of())) {
                opened.load().close();
            } catch (PreceptorException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Tag("integration")
    @Test
    void aLibtorchThatCannotBeLoadedIsNoFaultOfTheModel() throws Exception {
        Path place = Files.writeString(folder.resolve("file"), "no folder");
        Process process = JavaProcess.builder(
                        List.of("-Dorg.bytedeco.javacpp.cachedir=" + place.resolve("cache")),
                        Loading.class,
                        List.of(file.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(said.startsWith("libtorch for ") || said.startsWith(place.toString()), said);
        assertFalse(said.contains("weights"), said);
    }

    @Test
    void anUnknownLabelSchemaKeepsItsMeaning() {
        ModelDescription known = MODEL.description();
        LabelSpace own = new LabelSpace("OUR_HOSPITAL", Map.of(7, LabelClass.ET, 8, LabelClass.NCR, 9, LabelClass.ED));
        ModelDescription unknown = new ModelDescription(
                known.network(),
                known.inputs(),
                known.outputs(),
                own,
                known.preprocessing(),
                known.patch(),
                known.overlap(),
                known.provenance(),
                known.scores());
        Models.random(unknown, 1).write(file);
        assertEquals(own, ModelFile.read(file).description().schema());
    }

    @Test
    void theSameModelGivesTheSameBytes() throws Exception {
        Path second = folder.resolve("second.safetensors");
        Models.small(5).write(second);
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(second));
    }

    @Test
    void postProcessingSurvivesTheFileAndStandsOnTheCardAndInTheSummary() {
        PostProcessing rules =
                PostProcessing.NONE.with("WT", RegionRule.largest()).with("ET", new RegionRule(0.25, false, 1));
        ModelFile processed = Models.random(MODEL.description().withPostProcessing(rules), 5);
        processed.write(file);
        ModelFile read = ModelFile.read(file);
        assertEquals(rules, read.description().postProcessing());
        assertEquals(rules.rules(), read.summary().postProcessing());
        assertTrue(
                read.card().contains("- ET: components below 0.25 ml are removed, less than 1 ml in all is removed"),
                read.card());
        assertTrue(read.card().contains("- WT: only the largest component is kept"), read.card());
        assertNotEquals(MODEL.hash(), read.hash());
        assertEquals(rules, read.withScores(Scores.NONE).description().postProcessing());
    }

    @Test
    void aFileOfAnEarlierVersionHasNoPostProcessing() {
        assertFalse(Safetensors.read(file).metadata().containsKey("post_processing"));
        assertTrue(ModelFile.read(file).description().postProcessing().keepsAll());
        assertFalse(MODEL.card().contains("Post-processing"));
    }

    @Test
    void theSequencesOfTheValidationSurviveTheFileAndStandOnTheCard() {
        assertFalse(Safetensors.read(file).metadata().containsKey("bedside"));
        assertEquals(List.of(), ModelFile.read(file).description().bedside());
        ModelDescription four =
                Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1, Sequence.T1CE, Sequence.FLAIR);
        List<Sequence> two = List.of(Sequence.T1, Sequence.FLAIR);
        Models.random(four.withBedside(two), 5).write(file);
        ModelFile read = ModelFile.read(file);
        assertEquals(two, read.description().bedside());
        assertEquals(two, read.description().withScores(Scores.NONE).bedside());
        assertEquals(List.of("T1", "FLAIR"), read.summary().bedside());
        assertTrue(read.card().contains("validated with T1, FLAIR"), read.card());
        for (List<Sequence> wrong : List.of(
                List.of(Sequence.T2), List.of(Sequence.FLAIR, Sequence.T1), List.of(Sequence.T1, Sequence.T1))) {
            assertThrows(InvalidRecipeException.class, () -> four.withBedside(wrong));
        }
    }

    @Test
    void anEnsembleRemovesNoMoreThanEachOfItsMembers() {
        PostProcessing one = PostProcessing.NONE
                .with("WT", RegionRule.largest())
                .with("TC", RegionRule.minimum(1))
                .with("ET", new RegionRule(0.5, true, 2));
        PostProcessing other =
                PostProcessing.NONE.with("TC", RegionRule.minimum(0.1)).with("ET", new RegionRule(1, true, 0));
        assertEquals(
                PostProcessing.NONE.with("TC", RegionRule.minimum(0.1)).with("ET", new RegionRule(0.5, true, 0)),
                PostProcessing.gentlest(List.of(one, other)));
        assertEquals(PostProcessing.NONE, PostProcessing.gentlest(List.of(one, PostProcessing.NONE)));
    }

    @Test
    void buildsItsNetworkFrozen() {
        try (Network network = ModelFile.read(file).network(Torch.device("cpu"))) {
            network.parameters().asMap().forEach((name, tensor) -> {
                assertTrue(!tensor.requires_grad());
                assertArrayEquals(
                        Tensors.toFloats(MODEL.weights().get(name).toTensor()), Tensors.toFloats(tensor), name);
            });
        }
    }

    @Test
    void theCardHasInputsScoresAndLimits() {
        String card = MODEL.withScores(new Scores("LESIONWISE", "fold 0", 4, Map.of("WT", Map.of("dice", 0.8125))))
                .card();
        for (String part : List.of("T1CE", "| WT | 0.8125 |", "fold 0 (n = 4)", "## Limits", "recipe: abc")) {
            assertTrue(card.contains(part), part + " is not in\n" + card);
        }
    }

    @Test
    void theSummaryCountsTheWeights() {
        ModelSummary summary = MODEL.summary();
        assertEquals("preceptor/1", summary.format());
        assertEquals(List.of("T1CE"), summary.inputs());
        try (Network network = MODEL.network(Torch.device("cpu"))) {
            assertEquals(network.parameters().count(), summary.parameters());
        }
    }

    @Test
    void pythonOpensIt() {
        Python python = Python.with("safetensors", "numpy");
        String script = """
            import json, sys
            from safetensors import safe_open
            with safe_open(sys.argv[1], 'numpy') as f:
                m = f.metadata()
                print(m['format'], json.loads(m['inputs']), json.loads(m['schema'])['tissues']['4'])
                print(sum(f.get_tensor(k).size for k in f.keys()))
                print(json.loads(m['post_processing'])['ET']['minimumMl'])
            """;
        Models.random(
                        MODEL.description()
                                .withPostProcessing(PostProcessing.NONE.with("ET", RegionRule.minimum(0.25))),
                        5)
                .write(file);
        String output = python.run(List.of("-c", script, file.toString()));
        assertEquals("preceptor/1 ['T1CE'] ET\n" + MODEL.summary().parameters() + "\n0.25\n", output);
    }

    @Test
    void thePythonOfTheGuideReadsIt() throws Exception {
        Python python = Python.with("safetensors", "numpy");
        String guide = Files.readString(Path.of("..", "docs", "guide", "models.md"));
        String script = guide.substring(guide.indexOf("```python\n") + "```python\n".length());
        script = script.substring(0, script.indexOf("```"));
        String output = python.run(
                List.of("-c", script.replace("\"student.safetensors\"", "__import__('sys').argv[1]"), file.toString()));
        assertEquals("['T1CE'] -> ['WT', 'TC', 'ET']\n" + MODEL.summary().parameters() + " weights\n", output);
    }

    @Nested
    class Refuses {
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final Map<String, ArrayData> weights = new LinkedHashMap<>();

        @BeforeEach
        void open() {
            Safetensors content = Safetensors.read(file);
            metadata.putAll(content.metadata());
            weights.putAll(content.arrays());
        }

        private void refused(String reason) {
            Path changed = folder.resolve("changed.safetensors");
            new Safetensors(metadata, weights).write(changed);
            String message = assertThrows(InvalidFileException.class, () -> ModelFile.read(changed))
                    .getMessage();
            assertTrue(message.startsWith(changed.toString()) && message.contains(reason), message);
            assertEquals(1, message.lines().count(), message);
        }

        @Test
        void aSafetensorsFileOfAnotherProgram() {
            metadata.clear();
            refused("not a model of Preceptor");
        }

        @Test
        void aLaterFormat() {
            metadata.put("format", "preceptor/2");
            refused("preceptor/2");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "network",
                    "inputs",
                    "outputs",
                    "schema",
                    "regions",
                    "preprocessing",
                    "patch",
                    "overlap",
                    "provenance",
                    "scores",
                    "card"
                })
        void missingMetadata(String key) {
            metadata.remove(key);
            refused("\"" + key + "\"");
        }

        @Test
        void unknownMetadata() {
            metadata.put("code", "import os");
            refused("\"code\"");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '`',
                value = {
                    "network | {",
                    "network | null",
                    "network | {\"name\":\"unet\"}",
                    "network | {\"name\":\"vnet\",\"inputs\":1,\"outputs\":3,\"arguments\":{}}",
                    "network |"
                            + " {\"name\":\"unet\",\"inputs\":2,\"outputs\":3,\"arguments\":{\"widths\":[2,4],\"skips\":1}}",
                    "network |"
                            + " {\"name\":\"unet\",\"inputs\":1,\"outputs\":4,\"arguments\":{\"widths\":[2,4],\"skips\":1}}",
                    "network |"
                            + " {\"name\":\"unet\",\"inputs\":1,\"outputs\":3,\"arguments\":{\"widths\":[2,8],\"skips\":1}}",
                    "network |"
                            + " {\"name\":\"unet\",\"inputs\":1,\"outputs\":3,\"arguments\":{\"widths\":[2,4],\"skips\":0}}",
                    "network |"
                            + " {\"name\":\"unet\",\"inputs\":1,\"outputs\":3,\"arguments\":{\"widths\":[0,4],\"skips\":1}}",
                    "network |"
                            + " {\"name\":\"unet\",\"inputs\":1,\"outputs\":3,\"arguments\":{\"widths\":[2048,2048,2048,2048]}}",
                    "network |"
                            + " {\"name\":\"unet\",\"inputs\":1,\"outputs\":3,\"arguments\":{\"widths\":[99999999999,4]}}",
                    "inputs | []",
                    "inputs | [\"T1CE\",\"T1CE\"]",
                    "inputs | [\"no name\"]",
                    "inputs | [null]",
                    "outputs | \"HEATMAP\"",
                    "schema | {\"name\":\"X\",\"tissues\":{\"1\":\"ED\"}}",
                    "schema | {\"name\":\"X\",\"tissues\":{\"1\":\"LIVER\"}}",
                    "schema | {\"name\":\"X\",\"tissues\":{\"300\":\"ED\"}}",
                    "regions | {\"WT\":[\"ED\"]}",
                    "preprocessing | {\"orientation\":\"LPS\"}",
                    "patch | [16,16]",
                    "patch | [16,16,15]",
                    "patch | [0,16,16]",
                    "patch | [16,16,100000]",
                    "overlap | 1.5",
                    "overlap | \"half\"",
                    "provenance | 3",
                    "scores | {\"convention\":\"x\"}",
                    "post_processing | 3",
                    "post_processing | [",
                    "post_processing | {\"WT\":null}",
                    "post_processing | {\"WT\":{}}",
                    "post_processing | {\"WT\":{\"minimumMl\":0.5}}",
                    "post_processing | {\"WT\":{\"minimumMl\":-1,\"keepLargest\":false,\"dropBelowMl\":0}}",
                    "post_processing | {\"WT\":{\"minimumMl\":1e9,\"keepLargest\":false,\"dropBelowMl\":0}}",
                    "post_processing | {\"WT\":{\"minimumMl\":0,\"keepLargest\":false,\"dropBelowMl\":2001}}",
                    "post_processing | {\"WT\":{\"minimumMl\":NaN,\"keepLargest\":false,\"dropBelowMl\":0}}",
                    "post_processing | {\"WT\":{\"minimumMl\":\"0.5 ml\",\"keepLargest\":false,\"dropBelowMl\":0}}",
                    "post_processing | {\"WT\":{\"minimumMl\":0.5,\"keepLargest\":\"maybe\",\"dropBelowMl\":0}}",
                    "post_processing |"
                            + " {\"WT\":{\"minimumMl\":0.5,\"keepLargest\":true,\"dropBelowMl\":0,\"run\":\"rm\"}}",
                    "post_processing | {\"LIVER\":{\"minimumMl\":0.5,\"keepLargest\":true,\"dropBelowMl\":0}}"
                })
        void metadataOutOfRange(String key, String value) {
            metadata.put(key, value);
            refused("");
        }

        @Test
        void aMissingWeight() {
            weights.remove("head.bias");
            refused("head.bias");
        }

        @Test
        void anUnknownWeight() {
            weights.put("extra", weights.get("head.bias"));
            refused("extra");
        }

        @Test
        void aWeightOfAnotherShape() {
            weights.put("head.bias", floats(1, 2));
            refused("head.bias");
        }

        @Test
        void aWeightThatIsNotFinite() {
            weights.put("head.bias", floats(1, Float.NaN, 2));
            refused("NaN or infinite");
        }

        @Test
        void aWeightOfAnotherType() {
            weights.put("head.bias", new ArrayData(ArrayData.Type.I32, new long[] {3}, ByteBuffer.allocate(12)));
            refused("I32");
        }

        @Test
        void aTruncatedFile() throws Exception {
            byte[] whole = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(whole, whole.length / 2));
            assertThrows(InvalidFileException.class, () -> ModelFile.read(file));
        }

        private static ArrayData floats(float... values) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return new ArrayData(ArrayData.Type.F32, new long[] {values.length}, bytes);
        }
    }

    @Test
    void aContradictoryDescriptionIsRefused() {
        ModelDescription good = Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T2);
        assertThrows(
                InvalidRecipeException.class,
                () -> new ModelDescription(
                        good.network(),
                        List.of(Sequence.T2, Sequence.FLAIR),
                        good.outputs(),
                        good.schema(),
                        good.preprocessing(),
                        Size.cube(16),
                        0.5,
                        Map.of(),
                        Scores.NONE));
    }
}
