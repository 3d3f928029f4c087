package dev.preceptor.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.preceptor.base.MismatchException;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.quality.Reliability;
import dev.preceptor.quality.Temperatures;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.testing.Python;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
    @TempDir
    Path folder;

    private static final ModelFile UNET =
            Models.random(Models.description(List.of(2, 4), TargetEncoding.CLASSES, Sequence.T1CE, Sequence.FLAIR), 5);

    /** A model of another network with the same description. */
    private static ModelFile of(String network, Map<String, Object> arguments) {
        return Models.random(Models.withNetwork(UNET.description(), new NetworkSpec(network, 2, 4, arguments)), 5);
    }

    private LoadedModel loaded(ModelFile model) {
        Path file = folder.resolve("model.safetensors");
        model.write(file);
        return ModelFile.load(file, Torch.device("cpu"));
    }

    private static OrtSession open(Path file) throws OrtException {
        return OrtEnvironment.getEnvironment().createSession(file.toString());
    }

    @Test
    void theFileContainsTheMetadataOfTheModelFileAndWhatACallerMustKnow() throws OrtException {
        Path file = folder.resolve("model.onnx");
        try (LoadedModel loaded = loaded(UNET)) {
            OnnxModel.of(loaded).write(file);
            Map<String, String> expected = new TreeMap<>(
                    Safetensors.read(folder.resolve("model.safetensors")).metadata());
            expected.put("format", "preceptor-onnx/1");
            expected.put("channels", "[\"T1CE\",\"FLAIR\"]");
            expected.put("stride", "2");
            expected.put("model", UNET.hash());
            try (OrtSession session = open(file)) {
                assertEquals(expected, new TreeMap<>(session.getMetadata().getCustomMetadata()));
                assertEquals("preceptor", session.getMetadata().getProducerName());
            }
        }
    }

    @Test
    void batchAndExtentsAreFreeAndChannelsAreNot() throws OrtException {
        Path file = folder.resolve("model.onnx");
        try (LoadedModel loaded = loaded(UNET)) {
            OnnxModel.of(loaded).write(file);
        }
        try (OrtSession session = open(file)) {
            TensorInfo image = (TensorInfo) session.getInputInfo().get("image").getInfo();
            assertArrayEquals(new long[] {-1, 2, -1, -1, -1}, image.getShape());
            assertArrayEquals(new String[] {"batch", "", "x", "y", "z"}, image.getDimensionNames());
            TensorInfo regions =
                    (TensorInfo) session.getOutputInfo().get("probabilities").getInfo();
            assertArrayEquals(new long[] {-1, 3, -1, -1, -1}, regions.getShape());
            try (OnnxTensor one = OnnxTensor.createTensor(
                            OrtEnvironment.getEnvironment(),
                            FloatBuffer.allocate(3 * 2 * 2 * 4 * 6),
                            new long[] {3, 2, 2, 4, 6});
                    OrtSession.Result result = session.run(Map.of("image", one))) {
                assertArrayEquals(
                        new long[] {3, 4, 2, 4, 6},
                        ((TensorInfo) result.get("logits").orElseThrow().getInfo()).getShape());
            }
        }
    }

    @Test
    void probabilitiesAreCalibratedAsThoseOfAPrediction() throws OrtException {
        Temperatures temperatures = new Temperatures(Map.of("WT", 1.7, "ET", 0.6));
        List<float[]> raw = probabilities(UNET);
        List<float[]> expected = raw.stream().map(float[]::clone).toList();
        temperatures.calibrate(List.of("WT", "TC", "ET"), expected);
        ModelDescription description =
                UNET.description().withReliability(new Reliability(temperatures, Map.of(), Map.of(), Optional.empty()));
        List<float[]> found = probabilities(new ModelFile(description, UNET.card(), UNET.weights()));
        assertArrayEquals(raw.get(1), found.get(1), 1e-6f);
        for (int region = 0; region < 3; region++) {
            assertArrayEquals(expected.get(region), found.get(region), 2e-6f, "region " + region);
        }
        assertTrue(Math.abs(raw.get(0)[0] - found.get(0)[0]) > 1e-3);
    }

    @Test
    void calibratedProbabilitiesOfSureVoxelsAreProbabilities() throws OrtException {
        Map<String, ArrayData> sure = new TreeMap<>();
        try (PointerScope scope = new PointerScope()) {
            UNET.weights()
                    .forEach((name, weight) -> sure.put(
                            name, ArrayData.of(weight.toTensor().mul(new Scalar(name.contains("head") ? 50.0 : 1.0)))));
        }
        Temperatures temperatures = new Temperatures(Map.of("WT", 1.7, "TC", 1.7, "ET", 1.7));
        ModelDescription description =
                UNET.description().withReliability(new Reliability(temperatures, Map.of(), Map.of(), Optional.empty()));
        int certain = 0;
        for (float[] region : probabilities(new ModelFile(description, UNET.card(), sure), 48, 48, 48)) {
            for (float probability : region) {
                assertTrue(probability >= 0 && probability <= 1, () -> "a probability of " + probability);
                certain += probability > 0.999f ? 1 : 0;
            }
        }
        assertTrue(certain > 1000, certain + " voxels are sure");
    }

    private List<float[]> probabilities(ModelFile model) throws OrtException {
        return probabilities(model, 4, 6, 8);
    }

    /** The probabilities of WT, TC and ET for a fixed image of two sequences. */
    private List<float[]> probabilities(ModelFile model, int x, int y, int z) throws OrtException {
        Path file = folder.resolve("calibrated.onnx");
        try (LoadedModel loaded = loaded(model)) {
            OnnxModel.of(loaded).write(file);
        }
        SplittableRandom random = new SplittableRandom(4);
        FloatBuffer voxels = FloatBuffer.allocate(2 * x * y * z);
        while (voxels.hasRemaining()) {
            voxels.put((float) (6 * random.nextDouble() - 3));
        }
        try (OrtSession session = open(file);
                OnnxTensor image = OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(), voxels.flip(), new long[] {1, 2, x, y, z});
                OrtSession.Result result = session.run(Map.of("image", image))) {
            FloatBuffer output = ((OnnxTensor) result.get("probabilities").orElseThrow()).getFloatBuffer();
            List<float[]> regions = new ArrayList<>();
            for (int region = 0; region < 3; region++) {
                float[] values = new float[x * y * z];
                output.get(values);
                regions.add(values);
            }
            return regions;
        }
    }

    @Test
    void aSubsetOfTheSequencesIsTheInputOfANetworkOfAnySubset() throws OrtException {
        Path file = folder.resolve("model.onnx");
        try (LoadedModel loaded = loaded(of("u-hved", Map.of("widths", List.of(4, 8))))) {
            OnnxModel.of(loaded, List.of(Sequence.FLAIR)).write(file);
        }
        try (OrtSession session = open(file)) {
            assertEquals(1, ((TensorInfo) session.getInputInfo().get("image").getInfo()).getShape()[1]);
            assertEquals(
                    "[\"FLAIR\"]",
                    session.getMetadata().getCustomMetadataValue("channels").orElseThrow());
        }
    }

    @Test
    void theOrderOfTheSequencesIsThatOfTheModel() {
        try (LoadedModel loaded = loaded(of("u-hved", Map.of("widths", List.of(4, 8))))) {
            assertEquals(
                    List.of(Sequence.T1CE, Sequence.FLAIR),
                    OnnxModel.of(loaded, List.of(Sequence.FLAIR, Sequence.T1CE)).sequences());
        }
    }

    @Test
    void sequencesThatTheModelDoesNotTakeOrCannotMissAreRefused() {
        try (LoadedModel loaded = loaded(UNET)) {
            assertEquals(
                    "the network unet needs all of [T1CE, FLAIR], not only [T1CE]; a network that takes any subset of its"
                            + " sequences can be exported for some",
                    assertThrows(MismatchException.class, () -> OnnxModel.of(loaded, List.of(Sequence.T1CE)))
                            .getMessage());
            assertEquals(
                    "the model has no input T2; its inputs are [T1CE, FLAIR]",
                    assertThrows(MismatchException.class, () -> OnnxModel.of(loaded, List.of(Sequence.T2)))
                            .getMessage());
        }
    }

    @Test
    void theSameModelGivesTheSameBytes() throws IOException {
        try (LoadedModel loaded = loaded(UNET)) {
            OnnxModel.of(loaded).write(folder.resolve("a.onnx"));
            OnnxModel.of(loaded).write(folder.resolve("b.onnx"));
        }
        assertEquals(-1, Files.mismatch(folder.resolve("a.onnx"), folder.resolve("b.onnx")));
    }

    @Test
    void theCheckerOfOnnxAcceptsEveryNetwork() {
        Python python = Python.with("onnx");
        Map<String, Map<String, Object>> networks = Map.of(
                "unet", Map.of("widths", List.of(2, 4)),
                "resunet", Map.of("widths", List.of(6, 8), "attention", "CBAM"),
                "nnunet", Map.of("widths", List.of(2, 4), "encoder", "RESIDUAL"),
                "multiresunet", Map.of("widths", List.of(6, 8)),
                "u-hemis", Map.of("widths", List.of(4, 8)),
                "u-hved", Map.of("widths", List.of(4, 8)),
                "rfnet", Map.of("widths", List.of(4, 8)),
                "robust-mseg", Map.of("widths", List.of(4, 8)),
                "synthesis", Map.of("widths", List.of(2, 4)));
        String script = """
                import sys, onnx
                model = onnx.load(sys.argv[1])
                onnx.checker.check_model(model, full_check=True)
                print(model.ir_version, model.opset_import[0].version)
                """;
        networks.forEach((network, arguments) -> {
            Path file = folder.resolve(network + ".onnx");
            try (LoadedModel loaded = loaded(of(network, arguments))) {
                OnnxModel.of(loaded).write(file);
            }
            assertEquals("9 17\n", python.run(List.of("-c", script, file.toString())), network);
        });
    }
}
