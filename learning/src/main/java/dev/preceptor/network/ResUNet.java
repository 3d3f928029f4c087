package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The residual U-Net with attention of MTCM-KD (Ahmad, Ullah, Gwak, Knowledge-Based Systems 297, 2024; methods.md 2.1):
 * strided residual blocks down, transposed convolutions up, attention on the concatenation of each decoder stage.
 *
 * <p>With widths w_0..w_d encoder stage i has w_i channels at 1/2^i of the resolution, decoder stage i has w_i channels at
 * 1/2^i for i below d. The paper: widths 32, 64, 128, 256.
 */
public final class ResUNet implements Network {
    /** The name in recipes and model files. */
    public static final String NAME = "resunet";

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final List<Integer> widths;
    private final List<Stage> encoder = new ArrayList<>();
    private final List<Stage> decoder = new ArrayList<>();
    private final Heads heads;

    /**
     * Builds the network with fresh weights drawn from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 numbers of channels; {@code attention}, a name of {@link Attention},
     *     default {@code CHANNEL}; {@code heads}, how many of the decoder stages below the full resolution give logits of
     *     their own, from the finest down; default none
     */
    public ResUNet(NetworkSpec spec) {
        Arguments arguments = new Arguments(NAME, spec.arguments(), "widths", "attention", "heads");
        this.widths = arguments.widths();
        int depth = widths.size() - 1;
        Attention attention = arguments.choice("attention", Attention.CHANNEL);
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
            decoder.add(0, decoding("decoder." + i, widths.get(i + 1), widths.get(i), attention));
        }
        heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
    }

    private Stage stem(int in, int out) {
        ConvolutionOp first = Layers.conv(parameters, "stem.conv1", in, out, 3);
        ConvolutionOp second = Layers.conv(parameters, "stem.conv2", out, out, 3);
        ConvolutionOp skip = Layers.conv(parameters, "stem.skip", in, out, 3);
        Norm activated = new Norm(out, Optional.empty(), true);
        return (tape, inputs) -> {
            Value x = inputs.get(0);
            return tape.sum(tape.convolve(second, activated, tape.convolve(first, x)), tape.convolve(skip, x));
        };
    }

    private Stage decoding(String name, int below, int skipped, Attention attention) {
        int merged = below + skipped;
        ConvolutionOp up = Layers.doublingConv(parameters, name + ".up", below);
        RecomputedOp gate = attention.merge(parameters, name + ".gate", merged);
        Block block = new Block(name + ".block", merged, skipped, 1);
        return (tape, inputs) ->
                block.run(tape, tape.recomputed(gate, tape.convolve(up, inputs.get(0)), inputs.get(1)));
    }

    /** A residual block of two convolutions, each after a norm and an activation, and one beside them before a norm. */
    private final class Block {
        private final Norm before;
        private final ConvolutionOp first;
        private final Norm between;
        private final ConvolutionOp second;
        private final ConvolutionOp skip;
        private final Norm skipNorm;

        Block(String name, int in, int out, int stride) {
            before = preactivation(name + ".norm1", in);
            first = Layers.conv(parameters, name + ".conv1", in, out, 3, stride);
            between = preactivation(name + ".norm2", out);
            second = Layers.conv(parameters, name + ".conv2", out, out, 3);
            skip = Layers.conv(parameters, name + ".skip.conv", in, out, 3, stride);
            skipNorm = Layers.groupNorm(parameters, name + ".skip.norm", out, groups(out), false);
        }

        Value run(Tape tape, Value x) {
            Value main = tape.convolve(second, between, tape.convolve(first, before, x));
            return tape.sum(main, tape.recomputed(skipNorm, tape.convolve(skip, x)));
        }

        private Norm preactivation(String name, int channels) {
            return Layers.groupNorm(parameters, name, channels, groups(channels), true);
        }
    }

    /** Six groups where they divide the channels, else four, or as many as can be where four do not either. */
    static int groups(int channels) {
        for (int groups : List.of(6, 4, 3, 2)) {
            if (channels % groups == 0) {
                return groups;
            }
        }
        return 1;
    }

    @Override
    public Features forward(Tensor input, Computation computation) {
        Tape tape = Tape.of(computation);
        List<Value> encoded = new ArrayList<>();
        Value x = tape.input(input);
        for (Stage stage : encoder) {
            x = tape.stage(stage, x);
            encoded.add(x);
        }
        Value bottleneck = x;
        List<Value> decoded = new ArrayList<>();
        for (int i = decoder.size() - 1; i >= 0; i--) {
            x = tape.stage(decoder.get(i), x, encoded.get(i));
            decoded.add(0, x);
        }
        return heads.features(tape, decoded, bottleneck);
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
}
