package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.infer.PredictedRegions;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.network.spi.BuiltInNetworks;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs of networks, run by ONNX Runtime. */
class OnnxTapeTest {
    /** The share of voxels whose label may differ. */
    private static final double DIFFERING = 1e-5;

    private static final boolean[] ALL = {true, true};
    private static final boolean[] SECOND = {false, true};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private record Case(NetworkSpec spec, TargetEncoding encoding, boolean[] present) {
        Targets targets() {
            return BratsTargets.of(encoding);
        }

        @Override
        public String toString() {
            return spec.name() + " " + spec.arguments() + " of " + Arrays.toString(present) + ", " + encoding;
        }
    }

    private static Case regions(String name, Map<String, Object> arguments) {
        return new Case(new NetworkSpec(name, 2, 3, arguments), TargetEncoding.REGIONS, ALL);
    }

    private static Case classes(String name, Map<String, Object> arguments) {
        return new Case(new NetworkSpec(name, 2, 4, arguments), TargetEncoding.CLASSES, ALL);
    }

    private static Case subset(Case all) {
        return new Case(all.spec(), all.encoding(), SECOND);
    }

    static Stream<Case> cases() {
        Case zeroFilled = regions("unet", Map.of("widths", List.of(4, 8), "missing", "ZERO"));
        Case moments = regions("u-hemis", Map.of("widths", List.of(4, 8, 8)));
        Case gaussians = classes("u-hved", Map.of("widths", List.of(4, 8, 8), "heads", 1));
        Case regionAware = classes("rfnet", Map.of("widths", List.of(4, 8, 8)));
        Case gated = regions("robust-mseg", Map.of("widths", List.of(4, 8, 8), "heads", 1));
        return Stream.of(
                regions("unet", Map.of("widths", List.of(4, 6, 8), "heads", 1)),
                classes("unet", Map.of("widths", List.of(4, 8, 8), "skips", 1)),
                regions("resunet", Map.of("widths", List.of(6, 8, 12), "heads", 1)),
                classes("resunet", Map.of("widths", List.of(4, 7), "attention", "CBAM")),
                regions("nnunet", Map.of("widths", List.of(4, 6, 8), "heads", 1)),
                regions("nnunet", Map.of("widths", List.of(4, 6, 6), "encoder", "RESIDUAL")),
                regions("multiresunet", Map.of("widths", List.of(6, 8, 8), "heads", 1)),
                regions("synthesis", Map.of("widths", List.of(4, 8), "synthesised", 2)),
                zeroFilled,
                subset(zeroFilled),
                moments,
                subset(moments),
                gaussians,
                subset(gaussians),
                regionAware,
                subset(regionAware),
                gated,
                subset(gated));
    }

    @Test
    void everyNetworkOfTheRegistryIsAmongTheCases() {
        assertEquals(
                new TreeSet<>(new BuiltInNetworks().networks().keySet()),
                cases().map(each -> each.spec().name()).collect(Collectors.toCollection(TreeSet::new)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    @Tag("integration")
    void onnxRuntimeGivesTheProbabilitiesAndTheLabelsOfLibtorch(Case each) throws OrtException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = build(each.spec());
                OrtSession session = session(OnnxTape.graph(network, each.present(), each.targets()))) {
            long voxels = 0;
            long differing = 0;
            for (long[] shape : new long[][] {{1, 2, 48, 64, 56}, {2, 2, 32, 48, 48}}) {
                Tensor images = torch.randn(shape);
                boolean[][] rows = new boolean[(int) shape[0]][];
                Arrays.fill(rows, each.present());
                Features features = network.forward(Tape.of(Computation.PLAIN).zeroAbsent(new Input(images, rows)));
                Map<String, Tensor> graph = run(session, given(images, each.present()));
                Tensor probabilities = each.targets().probabilities(features.logits());
                assertClose(features.logits(), graph.get("logits"), 1e-4, each + " logits");
                double difference = probabilities
                        .sub(graph.get("probabilities"))
                        .abs()
                        .max()
                        .item()
                        .toDouble();
                assertTrue(difference <= 1e-4, each + ": probabilities differ by " + difference);
                for (int b = 0; b < shape[0]; b++) {
                    byte[] expected = labels(each.targets(), probabilities.select(0, b));
                    byte[] actual =
                            labels(each.targets(), graph.get("probabilities").select(0, b));
                    voxels += expected.length;
                    differing += differing(expected, actual);
                }
            }
            assertTrue(differing <= DIFFERING * voxels, each + ": " + differing + " of " + voxels + " labels differ");
        }
    }

    /** Its deepest level, with one voxel, has nothing to reflect. */
    @Test
    void anImageSmallerThanThePaddingOfRFNetIsRefusedAndNotGuessed() throws OrtException {
        Case each = regions("rfnet", Map.of("widths", List.of(4, 8)));
        try (PointerScope scope = new PointerScope();
                Network network = build(each.spec());
                OrtSession session = session(OnnxTape.graph(network, ALL, each.targets()))) {
            assertThrows(OrtException.class, () -> run(session, torch.randn(1, 2, 2, 4, 4)));
            run(session, torch.randn(1, 2, 4, 4, 4));
        }
    }

    @Test
    void trainingPartsAndHeadsForDeepSupervisionAreLeftOut() {
        NetworkSpec spec = new NetworkSpec("u-hved", 2, 3, Map.of("widths", List.of(4, 8), "heads", 0));
        NetworkSpec deep = new NetworkSpec("unet", 2, 3, Map.of("widths", List.of(4, 8, 8), "heads", 1));
        for (NetworkSpec each : List.of(spec, deep)) {
            try (PointerScope scope = new PointerScope();
                    Network network = build(each)) {
                String file = new String(bytes(OnnxTape.graph(network, ALL, BratsTargets.REGIONS)), ISO_8859_1);
                for (String name : network.parameters().asMap().keySet()) {
                    boolean isTraining = name.startsWith("reconstruction.") || name.startsWith("deep.");
                    assertEquals(!isTraining, file.contains(name), name);
                }
            }
        }
    }

    @Test
    void theSameNetworkGivesTheSameBytes() {
        try (PointerScope scope = new PointerScope();
                Network network =
                        build(regions("rfnet", Map.of("widths", List.of(4, 8))).spec())) {
            assertArrayEquals(
                    bytes(OnnxTape.graph(network, ALL, BratsTargets.REGIONS)),
                    bytes(OnnxTape.graph(network, ALL, BratsTargets.REGIONS)));
        }
    }

    /** A network of a user: twice the image, by an operation of its own, then a U-Net. */
    private record Doubling(Network network, RecomputedOp twice) implements ForwardingNetwork {
        @Override
        public Features forward(Tape tape, Input input) {
            UNet inner = (UNet) network;
            return inner.run(tape, tape.apply(twice, tape.input(input)));
        }
    }

    /** An operation of a user that ONNX can express. */
    private record Twice() implements RecomputedOp {
        @Override
        public Tensor apply(List<Tensor> inputs) {
            return inputs.get(0).add(inputs.get(0));
        }

        @Override
        public String export(OnnxGraph graph, List<String> inputs) {
            return graph.node("Add", List.of(inputs.get(0), inputs.get(0)));
        }
    }

    /** One of a user who wrote no export. */
    private record Silent() implements RecomputedOp {
        @Override
        public Tensor apply(List<Tensor> inputs) {
            return inputs.get(0);
        }
    }

    private static Network unet() {
        return build(new NetworkSpec("unet", 2, 3, Map.of("widths", List.of(4, 8))));
    }

    @Test
    void aNetworkOfOnesOwnExportsByTheNodesOfItsOperation() throws OrtException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = new Doubling(unet(), new Twice());
                OrtSession session = session(OnnxTape.graph(network, ALL, BratsTargets.REGIONS))) {
            Tensor images = torch.randn(1, 2, 8, 8, 8);
            assertClose(network.forward(images).logits(), run(session, images).get("logits"), 1e-4, "logits");
        }
    }

    @Test
    void anOperationWithoutNodesIsRefusedByName() {
        RecomputedOp lambda = inputs -> inputs.get(0);
        assertEquals(
                "its operation dev.preceptor.network.OnnxTapeTest$Silent cannot be written as nodes of ONNX; make it a class"
                        + " that implements RecomputedOp.export, or use the operations of dev.preceptor.network",
                refusal(new Doubling(unet(), new Silent())));
        assertTrue(refusal(new Doubling(unet(), lambda))
                .startsWith("its operation a lambda of dev.preceptor.network.OnnxTapeTest cannot be written"));
        assertTrue(refusal(new Doubling(unet(), new Twice().then(lambda))).startsWith("its operation a lambda of"));
    }

    @Test
    void aNetworkThatReadsItsImagesBesideTheTapeIsRefused() {
        record Peeking(Network network) implements ForwardingNetwork {
            @Override
            public Features forward(Tape tape, Input input) {
                Tensor half = input.images().div(new Scalar(2.0));
                return network.forward(tape, Input.complete(half));
            }
        }
        assertEquals(
                "it reads its images outside the tape, which a graph cannot contain; read them by Tape.input",
                refusal(new Peeking(unet())));
    }

    private static String refusal(Network network) {
        try (network) {
            return assertThrows(PreceptorException.class, () -> OnnxTape.graph(network, ALL, BratsTargets.REGIONS))
                    .getMessage();
        }
    }

    /** A network with weights that are no longer fresh, biases among them. */
    private static Network build(NetworkSpec spec) {
        Network network = Networks.build(spec, 1);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            torch.manual_seed(3);
            network.parameters().asMap().values().stream()
                    .filter(weight -> weight.dim() == 1)
                    .forEach(weight -> weight.add_(torch.rand_like(weight).sub(new Scalar(0.3))));
        }
        return network;
    }

    private static byte[] bytes(OnnxGraph graph) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            graph.write(new OnnxGraph.Producer("test", "1"), Map.of(), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static OrtSession session(OnnxGraph graph) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            // A test reads its exceptions instead.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            return OrtEnvironment.getEnvironment().createSession(bytes(graph), options);
        }
    }

    /** The channels that are present. */
    private static Tensor given(Tensor images, boolean[] present) {
        return present[0] ? images : images.narrow(1, 1, 1);
    }

    private static Map<String, Tensor> run(OrtSession session, Tensor images) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        FloatBuffer values = FloatBuffer.wrap(Tensors.toFloats(images));
        try (OnnxTensor input = OnnxTensor.createTensor(environment, values, Tensors.shape(images));
                OrtSession.Result outputs = session.run(Map.of(OnnxTape.IMAGE, input))) {
            return Map.of("logits", tensor(outputs, "logits"), "probabilities", tensor(outputs, "probabilities"));
        }
    }

    private static Tensor tensor(OrtSession.Result outputs, String name) {
        OnnxTensor output = (OnnxTensor) outputs.get(name).orElseThrow();
        float[] values = new float[output.getFloatBuffer().remaining()];
        output.getFloatBuffer().get(values);
        return Tensors.of(values, output.getInfo().getShape());
    }

    /** @param probabilities [R, X, Y, Z] */
    private static byte[] labels(Targets targets, Tensor probabilities) {
        Grid grid = Grid.of(
                new Size((int) probabilities.size(1), (int) probabilities.size(2), (int) probabilities.size(3)), 1);
        List<float[]> regions = Stream.iterate(0, r -> r + 1)
                .limit(probabilities.size(0))
                .map(r -> Tensors.toVoxels(probabilities.select(0, r)))
                .toList();
        return PredictedRegions.of(targets, grid, regions)
                .labels(PostProcessing.NONE)
                .voxels();
    }

    private static long differing(byte[] expected, byte[] actual) {
        long count = 0;
        for (int i = 0; i < expected.length; i++) {
            count += expected[i] == actual[i] ? 0 : 1;
        }
        return count;
    }
}
