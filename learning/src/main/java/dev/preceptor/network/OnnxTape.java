package dev.preceptor.network;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;

/**
 * Writes the forward pass of a network into a graph of ONNX instead of computing it (docs/decisions/018): each operation adds its
 * nodes ({@link RecomputedOp#export}, {@link Layers.Layer#export}). Stages are written as they are, and constants need no mark.
 */
public final class OnnxTape implements Tape {
    /** The name of the input of a graph. */
    public static final String IMAGE = "image";

    /** The name of the output with the logits. */
    public static final String LOGITS = "logits";

    /** The name of the output with the probabilities of the regions. */
    public static final String PROBABILITIES = "probabilities";

    /**
     * A value in the graph.
     *
     * @param name of the output of a node
     */
    record NodeValue(String name) implements Value {}

    private final OnnxGraph graph;
    private final boolean[] present;
    private final List<String> channels = new ArrayList<>();

    private OnnxTape(OnnxGraph graph, boolean[] present) {
        this.graph = graph;
        this.present = present;
        graph.input(IMAGE, "batch", count(present), "x", "y", "z");
    }

    /**
     * The graph of a network, from images to the probabilities of the regions, for any batch size and any spatial extents that are
     * multiples of {@link Network#totalStride()}. The input {@value #IMAGE} is [B, n, X, Y, Z] with the n channels that are present,
     * in their order; the outputs are {@value #LOGITS} [B, K, X, Y, Z] and {@value #PROBABILITIES} [B, R, X, Y, Z]. Initializers
     * have the names of the weights. What a network computes in training only, and its heads for deep supervision, are not part
     * of it; a network that draws samples in training gives its mean.
     *
     * @param present whether each channel of the network is present; the others are absent for good
     * @param temperatures that calibrate the probability of each region, above 0
     * @throws PreceptorException if the network has an operation that cannot be written, with the name of the
     *     operation
     */
    public static OnnxGraph graph(Network network, boolean[] present, Targets targets, double... temperatures) {
        try (PointerScope scope = new PointerScope()) {
            OnnxGraph graph =
                    new OnnxGraph(network.spec().name(), network.parameters().asMap());
            OnnxTape tape = new OnnxTape(graph, present);
            Features features = network.forward(tape, Input.withoutImages(present));
            String logits = name(features.logitsValue());
            graph.output(LOGITS, logits, "batch", targets.channels(), "x", "y", "z");
            String probabilities = calibrated(graph, targets.export(graph, logits), temperatures);
            graph.output(
                    PROBABILITIES, probabilities, "batch", targets.regionNames().size(), "x", "y", "z");
            return graph;
        }
    }

    /** {@code 1 / (1 + ((1 - p) / p)^(1 / T))}, the sigmoid of the logit of p divided by T. */
    private static String calibrated(OnnxGraph graph, String p, double... temperatures) {
        if (Arrays.stream(temperatures).allMatch(temperature -> temperature == 1)) {
            return p;
        }
        float[] exponents = new float[temperatures.length];
        for (int r = 0; r < exponents.length; r++) {
            exponents[r] = (float) (1 / temperatures[r]);
        }
        String one = graph.number(1);
        String odds = graph.node("Div", List.of(graph.node("Sub", List.of(one, p)), p));
        String changed = graph.node("Pow", List.of(odds, graph.numbers(exponents, exponents.length, 1, 1, 1)));
        return graph.node("Div", List.of(one, graph.node("Add", List.of(one, changed))));
    }

    private static int count(boolean[] channels) {
        int count = 0;
        for (boolean isPresent : channels) {
            count += isPresent ? 1 : 0;
        }
        return count;
    }

    private static String name(Value value) {
        return ((NodeValue) value).name();
    }

    private static List<String> names(Value... values) {
        return Arrays.stream(values).map(OnnxTape::name).toList();
    }

    /** With zeros in the channels that are absent. */
    @Override
    public Value input(Input input) {
        requireOwn(input);
        return new NodeValue(
                count(present) == present.length ? IMAGE : graph.node("Concat", channels(), Attribute.of("axis", 1)));
    }

    @Override
    public Value input(Input input, int channel) {
        requireOwn(input);
        return new NodeValue(channels().get(channel));
    }

    private List<String> channels() {
        if (channels.isEmpty()) {
            int count = count(present);
            List<String> read =
                    count == 1 ? List.of(IMAGE) : graph.nodes("Split", List.of(IMAGE), count, Attribute.of("axis", 1));
            String zeros = graph.node("ConstantOfShape", List.of(graph.node("Shape", read.subList(0, 1))));
            int next = 0;
            for (boolean isPresent : present) {
                channels.add(isPresent ? read.get(next++) : zeros);
            }
        }
        return channels;
    }

    /** The graph's input has no other channels than those that are present. */
    private void requireOwn(Input input) {
        if (input.present().length != 1 || !Arrays.equals(input.present()[0], present)) {
            throw new PreceptorException(
                    "it changes outside the tape which channels are present, which a graph cannot contain");
        }
    }

    @Override
    public Input zeroAbsent(Input input) {
        return input;
    }

    @Override
    public Value apply(RecomputedOp op, Value... inputs) {
        return new NodeValue(op.export(graph, names(inputs)));
    }

    @Override
    public Value convolve(ConvolutionOp convolution, Value x) {
        return new NodeValue(convolution.export(graph, name(x)));
    }

    @Override
    public Value convolve(ConvolutionOp convolution, RecomputedOp op, Value... inputs) {
        return new NodeValue(convolution.export(graph, op.export(graph, names(inputs))));
    }

    @Override
    public Value last(Value value) {
        return value;
    }

    @Override
    public Value detached(Value value) {
        return value;
    }

    @Override
    public Value sum(Value a, Value b) {
        return new NodeValue(graph.node("Add", names(a, b)));
    }

    @Override
    public Value stage(Stage stage, Value... inputs) {
        return stage.run(this, List.of(inputs));
    }
}
