package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The U-Net of nnU-Net (Isensee et al., Nature Methods 18, 2021, 203-211) as its second version builds it, with a plain or a
 * residual encoder (Isensee et al., MICCAI 2024, arXiv 2404.09556; {@code PlainConvUNet} and {@code ResidualEncoderUNet} of
 * dynamic-network-architectures). A unit is [3x3x3 convolution, InstanceNorm, LeakyReLU 0.01]; convolutions with stride 2 go
 * down, transposed convolutions with kernel and stride 2 go up, and the skips are concatenated as (upsampled, skip).
 *
 * <p>With widths w_0..w_d encoder stage i has w_i channels at 1/2^i of the resolution; the last one is the bottleneck.
 * Decoder stage i below d has w_i channels at 1/2^i. nnU-Net: widths 32, 64, 128, 256, 320, 320.
 */
public final class NnUNet implements Network {
    /** Its name in recipes and model files. */
    public static final String NAME = "nnunet";

    /** What an encoder stage is made of. */
    public enum Encoder {
        /** Two units, the first with the stride; the decoder has two units at each stage. */
        PLAIN,
        /**
         * A unit at full resolution, then 1, 3, 4, 6, 6, 6 residual blocks of ResNet-D (He et al., CVPR 2019, arXiv
         * 1812.01187) from the first stage down, the first of a stage with the stride; the decoder has one unit at each stage.
         * The norm before each sum starts with scale 0, so that a fresh block passes on its shortcut.
         */
        RESIDUAL
    }

    private static final List<Integer> BLOCKS = List.of(1, 3, 4, 6, 6, 6, 6);

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final List<Integer> widths;
    private final EncoderDecoder pass;

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 numbers of channels; {@code encoder}, a name of {@link Encoder}, by default
     *     {@code PLAIN}; {@code heads}, the number of decoder stages below the full resolution with logits for deep
     *     supervision, from the finest down, by default 0. nnU-Net has them at all stages
     */
    public NnUNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(NAME, spec.arguments(), "widths", "encoder", "heads");
        this.widths = arguments.widths();
        int depth = widths.size() - 1;
        Encoder kind = arguments.choice("encoder", Encoder.PLAIN);
        List<List<Stage>> encoder = new ArrayList<>();
        List<Stage> decoder = new ArrayList<>();
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(
                NAME, spec.inputs(), spec.outputs(), Map.of("widths", widths, "encoder", kind.name(), "heads", deep));
        for (int i = 0; i <= depth; i++) {
            int in = i == 0 ? spec.inputs() : widths.get(i - 1);
            encoder.add(kind == Encoder.PLAIN ? plainStage(i, in) : residualStage(i, in));
        }
        for (int i = depth - 1; i >= 0; i--) {
            decoder.add(0, decoderStage("decoder." + i, widths.get(i + 1), widths.get(i), kind));
        }
        Heads heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
        pass = new EncoderDecoder(encoder, decoder, heads);
    }

    private static int stride(int stage) {
        return stage == 0 ? 1 : 2;
    }

    private List<Stage> plainStage(int i, int in) {
        String name = "encoder." + i;
        Unit first = new Unit(name + ".0", in, widths.get(i), stride(i));
        Unit second = new Unit(name + ".1", widths.get(i), widths.get(i), 1);
        return List.of((tape, inputs) -> {
            Value x = tape.last(tape.convolve(first.conv, inputs.get(0)));
            return tape.apply(second.norm, tape.last(tape.convolve(second.conv, first.norm, x)));
        });
    }

    private List<Stage> residualStage(int i, int in) {
        List<Stage> blocks = new ArrayList<>();
        int channels = in;
        if (i == 0) {
            channels = widths.get(0);
            Unit stem = new Unit("stem", in, channels, 1);
            blocks.add((tape, inputs) -> tape.apply(stem.norm, tape.last(tape.convolve(stem.conv, inputs.get(0)))));
        }
        for (int j = 0; j < BLOCKS.get(i); j++) {
            String name = "encoder." + i + "." + j;
            blocks.add(residualBlock(name, channels, widths.get(i), j == 0 ? stride(i) : 1));
            channels = widths.get(i);
        }
        return blocks;
    }

    /** Two convolutions beside a shortcut, which is averaged if there is a stride and projected if the channels differ. */
    private Stage residualBlock(String name, int in, int out, int stride) {
        Unit first = new Unit(name + ".0", in, out, stride);
        ConvolutionOp second = Layers.conv(parameters, name + ".1.conv", out, out, 3);
        NormActivation norm = Layers.groupNorm(parameters, name + ".1.norm", out, out, false);
        try (NoGradGuard guard = new NoGradGuard()) {
            norm.affine().map(NormActivation.ScaleShift::weight).ifPresent(Tensor::zero_);
        }
        if (in == out) {
            Optional<RecomputedOp> shortcut = stride == 1 ? Optional.empty() : Optional.of(new AveragePool());
            ResidualSum sum = new ResidualSum(norm, shortcut, Layers.SLOPE);
            return (tape, inputs) -> tape.apply(sum, main(tape, first, second, inputs.get(0)), inputs.get(0));
        }
        ConvolutionOp projection = Layers.convWithoutBias(parameters, name + ".skip.conv", in, out, 1);
        ResidualSum sum = new ResidualSum(
                norm, Optional.of(Layers.groupNorm(parameters, name + ".skip.norm", out, out, false)), Layers.SLOPE);
        return (tape, inputs) -> {
            Value x = inputs.get(0);
            Value projected =
                    stride == 1 ? tape.convolve(projection, x) : tape.convolve(projection, new AveragePool(), x);
            return tape.apply(sum, main(tape, first, second, x), projected);
        };
    }

    private static Value main(Tape tape, Unit first, ConvolutionOp second, Value x) {
        return tape.convolve(second, first.norm, tape.last(tape.convolve(first.conv, x)));
    }

    private Stage decoderStage(String name, int below, int out, Encoder kind) {
        ConvolutionOp up = Layers.transposedConv(parameters, name + ".up", below, out);
        Unit first = new Unit(name + ".0", 2 * out, out, 1);
        Optional<Unit> second =
                kind == Encoder.PLAIN ? Optional.of(new Unit(name + ".1", out, out, 1)) : Optional.empty();
        return (tape, inputs) -> {
            Value joined = tape.last(tape.convolve(up, inputs.get(0)));
            Value x = tape.last(tape.convolve(first.conv, new Concat(), joined, tape.last(inputs.get(1))));
            return second.map(unit -> tape.apply(unit.norm, tape.last(tape.convolve(unit.conv, first.norm, x))))
                    .orElseGet(() -> tape.apply(first.norm, x));
        };
    }

    /** A 3x3x3 convolution and its norm with activation. */
    private final class Unit {
        private final ConvolutionOp conv;
        private final NormActivation norm;

        Unit(String name, int in, int out, int stride) {
            conv = Layers.conv(parameters, name + ".conv", in, out, 3, stride);
            norm = Layers.groupNorm(parameters, name + ".norm", out, out, true);
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
        return widths.subList(0, widths.size() - 1);
    }

    @Override
    public int bottleneckChannels() {
        return widths.get(widths.size() - 1);
    }
}
