package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The residual U-Net with attention of MTCM-KD (Ahmad, Ullah, Gwak, Knowledge-Based Systems 297, 2024;
 * docs/methods/mtcm-kd.md): residual blocks with stride 2 down, transposed convolutions up, attention on the concatenated
 * input of each decoder stage.
 *
 * <p>With widths w_0..w_d encoder stage i has w_i channels at 1/2^i of the resolution; decoder stage i below d has w_i
 * channels at 1/2^i. The paper: widths 32, 64, 128, 256.
 */
public final class ResUNet implements Network {
    /** Its name in recipes and model files. */
    public static final String NAME = "resunet";

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final List<Integer> widths;
    private final EncoderDecoder pass;

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 numbers of channels; {@code attention}, a name of {@link Attention}, by
     *     default {@code CHANNEL}; {@code heads}, the number of decoder stages below the full resolution with logits for deep
     *     supervision, from the finest down, by default 0
     */
    public ResUNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(NAME, spec.arguments(), "widths", "attention", "heads");
        this.widths = arguments.widths();
        int depth = widths.size() - 1;
        Attention attention = arguments.choice("attention", Attention.CHANNEL);
        List<Stage> encoder = new ArrayList<>();
        List<Stage> decoder = new ArrayList<>();
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(
                NAME,
                spec.inputs(),
                spec.outputs(),
                Map.of("widths", widths, "attention", attention.name(), "heads", deep));
        encoder.add(stem(spec.inputs(), widths.get(0)));
        for (int i = 1; i <= depth; i++) {
            Block block = new Block("encoder." + i, widths.get(i - 1), widths.get(i), 2);
            encoder.add((tape, inputs) -> block.run(tape, inputs.get(0)));
        }
        for (int i = depth - 1; i >= 0; i--) {
            decoder.add(0, decoderStage("decoder." + i, widths.get(i + 1), widths.get(i), attention));
        }
        Heads heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
        pass = new EncoderDecoder(encoder.stream().map(List::of).toList(), decoder, heads);
    }

    private Stage stem(int in, int out) {
        ConvolutionOp first = Layers.conv(parameters, "stem.conv1", in, out, 3);
        ConvolutionOp second = Layers.conv(parameters, "stem.conv2", out, out, 3);
        ConvolutionOp skip = Layers.conv(parameters, "stem.skip", in, out, 3);
        NormActivation norm = new NormActivation(out, Optional.empty(), Layers.SLOPE);
        return (tape, inputs) -> {
            Value x = inputs.get(0);
            return tape.sum(tape.convolve(second, norm, tape.last(tape.convolve(first, x))), tape.convolve(skip, x));
        };
    }

    private Stage decoderStage(String name, int below, int skip, Attention attention) {
        int merged = below + skip;
        ConvolutionOp up = Layers.transposedConv(parameters, name + ".up", below, below);
        RecomputedOp gate = attention.concatGate(parameters, name + ".gate", merged);
        Block block = new Block(name + ".block", merged, skip, 1);
        return (tape, inputs) -> block.run(
                tape, tape.apply(gate, tape.last(tape.convolve(up, inputs.get(0))), tape.last(inputs.get(1))));
    }

    /** A residual block: two convolutions, each after norm and activation, plus one convolution with a norm beside them. */
    private final class Block {
        private final NormActivation firstNorm;
        private final ConvolutionOp first;
        private final NormActivation secondNorm;
        private final ConvolutionOp second;
        private final ConvolutionOp skip;
        private final NormActivation skipNorm;

        Block(String name, int in, int out, int stride) {
            firstNorm = preactivation(name + ".norm1", in);
            first = Layers.conv(parameters, name + ".conv1", in, out, 3, stride);
            secondNorm = preactivation(name + ".norm2", out);
            second = Layers.conv(parameters, name + ".conv2", out, out, 3);
            skip = Layers.conv(parameters, name + ".skip.conv", in, out, 3, stride);
            skipNorm = Layers.groupNorm(parameters, name + ".skip.norm", out, groups(out), false);
        }

        Value run(Tape tape, Value x) {
            Value skipped = tape.apply(skipNorm, tape.last(tape.convolve(skip, x)));
            Value middle = tape.convolve(first, firstNorm, tape.last(x));
            return tape.sum(tape.convolve(second, secondNorm, tape.last(middle)), skipped);
        }

        private NormActivation preactivation(String name, int channels) {
            return Layers.groupNorm(parameters, name, channels, groups(channels), true);
        }
    }

    /** The number of groups of a norm: the first of 6, 4, 3, 2, 1 that divides the channels. */
    static int groups(int channels) {
        for (int groups : List.of(6, 4, 3, 2)) {
            if (channels % groups == 0) {
                return groups;
            }
        }
        return 1;
    }

    @Override
    public Features forward(Tape tape, Input input) {
        return pass.forward(tape, input);
    }

    @Override
    public NetworkSpec spec() {
        return spec;
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public int totalStride() {
        return 1 << (widths.size() - 1);
    }

    @Override
    public List<Integer> decoderChannels() {
        return widths.subList(0, widths.size() - 1);
    }

    @Override
    public int bottleneckChannels() {
        return widths.get(widths.size() - 1);
    }
}
