package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * MultiResUNet (Ibtehaz and Rahman, Neural Networks 121, 2020, 74-87, arXiv 1902.04049) in 3D, as the authors' PyTorch code
 * builds it. A MultiRes block concatenates the outputs of three chained 3x3x3 convolutions, which see 3, 5 and 7 voxels, and
 * adds a 1x1x1 convolution of its input. A skip passes a ResPath of residual convolutions, one at the deepest skip and one
 * more at each finer level. Max-pooling goes down, transposed convolutions with kernel and stride 2 go up.
 *
 * <p>Differences from that code: InstanceNorm in the place of BatchNorm, for batches of one or two patches; each norm has
 * weights of its own, while the code uses that of a ResPath unit twice; no norm after the last convolution; weights drawn as
 * {@link Layers} draws them.
 *
 * <p>With widths u_0..u_d the block of level i has the channels of {@link #channels} for u_i at 1/2^i of the resolution. The
 * code: widths 32, 64, 128, 256, 512.
 */
public final class MultiResUNet implements Network {
    /** Its name in recipes and model files. */
    public static final String NAME = "multiresunet";

    /** The channels of a block relative to the stage of a U-Net of the same width. */
    private static final double ALPHA = 1.67;

    /** The smallest width with at least one channel in each convolution of a block. */
    private static final int MIN_WIDTH = 4;

    private static final double RELU = 0;

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final List<Integer> widths;
    private final EncoderDecoder pass;

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 numbers from 4; {@code heads}, the number of decoder stages below the full
     *     resolution with logits for deep supervision, from the finest down, by default 0
     */
    public MultiResUNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(NAME, spec.arguments(), "widths", "heads");
        this.widths = arguments.widths(MIN_WIDTH);
        int depth = widths.size() - 1;
        List<Stage> encoder = new ArrayList<>();
        List<Stage> decoder = new ArrayList<>();
        List<Stage> skips = new ArrayList<>();
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(NAME, spec.inputs(), spec.outputs(), Map.of("widths", widths, "heads", deep));
        for (int i = 0; i <= depth; i++) {
            encoder.add(encoderStage(i, i == 0 ? spec.inputs() : blockChannels(widths.get(i - 1))));
        }
        for (int i = 0; i < depth; i++) {
            skips.add(residualPath("skip." + i, blockChannels(widths.get(i)), depth - i));
        }
        for (int i = depth - 1; i >= 0; i--) {
            decoder.add(0, decoderStage("decoder." + i, widths.get(i + 1), widths.get(i), skips.get(i)));
        }
        Heads heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
        pass = new EncoderDecoder(encoder.stream().map(List::of).toList(), decoder, heads);
    }

    /** The channels of the three convolutions of a block: 0.167, 0.333 and 0.5 of 1.67 times the width, rounded down. */
    static List<Integer> channels(int width) {
        double scaled = width * ALPHA;
        return List.of((int) (scaled * 0.167), (int) (scaled * 0.333), (int) (scaled * 0.5));
    }

    private static int blockChannels(int width) {
        return channels(width).stream().mapToInt(Integer::intValue).sum();
    }

    private Stage encoderStage(int i, int in) {
        MultiResBlock block = new MultiResBlock("encoder." + i, in, widths.get(i));
        return i == 0
                ? (tape, inputs) -> block.run(tape, Optional.empty(), inputs.get(0))
                : (tape, inputs) -> block.run(tape, Optional.empty(), tape.apply(new MaxPool(), inputs.get(0)));
    }

    private Stage decoderStage(String name, int widthBelow, int width, Stage skip) {
        ConvolutionOp up = Layers.transposedConv(parameters, name + ".up", blockChannels(widthBelow), width);
        MultiResBlock block = new MultiResBlock(name, width + blockChannels(width), width);
        return (tape, inputs) -> block.run(
                tape,
                Optional.of(new Concat()),
                tape.convolve(up, inputs.get(0)),
                skip.run(tape, inputs.subList(1, 2)));
    }

    /** @param length number of residual convolutions */
    private Stage residualPath(String name, int channels, int length) {
        List<ResidualUnit> units = new ArrayList<>();
        for (int j = 0; j < length; j++) {
            units.add(new ResidualUnit(name + "." + j, channels));
        }
        return (tape, inputs) -> {
            Value x = inputs.get(0);
            for (ResidualUnit unit : units) {
                x = unit.run(tape, x);
            }
            return x;
        };
    }

    private NormActivation norm(String name, int channels, double slope) {
        return Layers.groupNorm(parameters, name, channels, channels, slope);
    }

    /** Three chained convolutions, each with norm and ReLU, whose concatenation has a norm and is added to a shortcut. */
    private final class MultiResBlock {
        private final List<ConvolutionOp> convs = new ArrayList<>();
        private final List<NormActivation> norms = new ArrayList<>();
        private final ConvolutionOp shortcut;
        private final RecomputedOp end;

        MultiResBlock(String name, int in, int width) {
            int previous = in;
            for (int channels : channels(width)) {
                String chained = name + "." + convs.size();
                convs.add(Layers.conv(parameters, chained + ".conv", previous, channels, 3));
                norms.add(norm(chained + ".norm", channels, RELU));
                previous = channels;
            }
            int out = blockChannels(width);
            shortcut = Layers.conv(parameters, name + ".shortcut.conv", in, out, 1);
            NormActivation shortcutNorm = norm(name + ".shortcut.norm", out, NormActivation.LINEAR);
            RecomputedOp joined = new NormConcat(norms).then(norm(name + ".norm1", out, NormActivation.LINEAR));
            end = new ResidualSum(joined, Optional.of(shortcutNorm), NormActivation.LINEAR)
                    .then(norm(name + ".norm2", out, RELU));
        }

        /** @param join what makes one value of several inputs; both convolutions over it compute it again */
        Value run(Tape tape, Optional<RecomputedOp> join, Value... inputs) {
            Value first = over(tape, convs.get(0), join, inputs);
            Value second = tape.convolve(convs.get(1), norms.get(0), first);
            Value third = tape.convolve(convs.get(2), norms.get(1), second);
            return tape.apply(end, first, second, third, over(tape, shortcut, join, inputs));
        }

        private static Value over(Tape tape, ConvolutionOp convolution, Optional<RecomputedOp> join, Value... inputs) {
            return join.map(op -> tape.convolve(convolution, op, inputs))
                    .orElseGet(() -> tape.convolve(convolution, inputs[0]));
        }
    }

    /** A convolution with norm, ReLU, norm and ReLU, added to a 1x1x1 convolution with norm; then norm and ReLU. */
    private final class ResidualUnit {
        private final ConvolutionOp conv;
        private final ConvolutionOp shortcut;
        private final RecomputedOp end;

        ResidualUnit(String name, int channels) {
            conv = Layers.conv(parameters, name + ".conv", channels, channels, 3);
            shortcut = Layers.conv(parameters, name + ".shortcut.conv", channels, channels, 1);
            RecomputedOp main = norm(name + ".norm", channels, RELU).then(norm(name + ".norm1", channels, RELU));
            NormActivation shortcutNorm = norm(name + ".shortcut.norm", channels, NormActivation.LINEAR);
            end = new ResidualSum(main, Optional.of(shortcutNorm), NormActivation.LINEAR)
                    .then(norm(name + ".norm2", channels, RELU));
        }

        Value run(Tape tape, Value x) {
            return tape.apply(end, tape.convolve(conv, x), tape.convolve(shortcut, x));
        }
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
        return widths.stream()
                .limit(widths.size() - 1L)
                .map(MultiResUNet::blockChannels)
                .toList();
    }

    @Override
    public int bottleneckChannels() {
        return blockChannels(widths.get(widths.size() - 1));
    }
}
