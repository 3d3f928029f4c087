package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The U-Net of KD-Net, "No New-Net" (Isensee et al., BraTS 2018, arXiv 1809.10483): each stage is two times [3x3x3
 * convolution, InstanceNorm, LeakyReLU 0.01]; max-pooling down, trilinear upsampling; the second convolution before an
 * upsampling halves the channels.
 *
 * <p>With widths w_0..w_d: encoder stage i has w_i channels; the bottleneck has w_(d-1) channels at 1/2^d; decoder stage i
 * has w_(i-1) channels (w_0 for i = 0) at 1/2^i. The paper: widths 30, 60, 120, 240, 480 and 4 skips.
 */
public final class UNet implements Network {
    /** Its name in recipes and model files. */
    public static final String NAME = "unet";

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final int depth;
    private final int skips;
    private final List<Stage> encoder = new ArrayList<>();
    private final List<Stage> decoder = new ArrayList<>();
    private final List<Integer> decoderChannels = new ArrayList<>();
    private final int bottleneckChannels;
    private final Heads heads;

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 numbers of channels; {@code skips}, the number of skip connections,
     *     counted from the full resolution down, by default all; {@code heads}, the number of decoder stages below the full
     *     resolution with logits for deep supervision, from the finest down, by default 0
     */
    public UNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(NAME, spec.arguments(), "widths", "skips", "heads");
        List<Integer> widths = arguments.widths();
        this.depth = widths.size() - 1;
        this.skips = arguments.integer("skips", depth, 0, depth);
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(
                NAME, spec.inputs(), spec.outputs(), Map.of("widths", widths, "skips", skips, "heads", deep));
        int channels = spec.inputs();
        for (int i = 0; i <= depth; i++) {
            int second = i < depth ? widths.get(i) : widths.get(i - 1);
            Optional<RecomputedOp> pool = i == 0 ? Optional.empty() : Optional.of(new MaxPool());
            encoder.add(stage("encoder." + i, pool, channels, widths.get(i), second));
            channels = second;
        }
        bottleneckChannels = channels;
        for (int i = depth - 1; i >= 0; i--) {
            int merged = channels + (i < skips ? widths.get(i) : 0);
            channels = widths.get(Math.max(i - 1, 0));
            decoderChannels.add(0, channels);
            decoder.add(0, stage("decoder." + i, Optional.of(new UpsampleConcat()), merged, widths.get(i), channels));
        }
        heads = new Heads(parameters, decoderChannels, spec.outputs(), deep);
    }

    /** @param resize what changes the resolution before the first convolution, if anything does */
    private Stage stage(String name, Optional<RecomputedOp> resize, int in, int middle, int out) {
        ConvolutionOp first = Layers.conv(parameters, name + ".0.conv", in, middle, 3);
        NormActivation firstNorm = instanceNorm(name + ".0.norm", middle);
        ConvolutionOp second = Layers.conv(parameters, name + ".1.conv", middle, out, 3);
        NormActivation secondNorm = instanceNorm(name + ".1.norm", out);
        return (tape, inputs) -> {
            Value[] all = inputs.toArray(Value[]::new);
            Value x = resize.map(op -> tape.convolve(first, op, all)).orElseGet(() -> tape.convolve(first, all[0]));
            return tape.apply(secondNorm, tape.last(tape.convolve(second, firstNorm, tape.last(x))));
        };
    }

    private NormActivation instanceNorm(String name, int channels) {
        return Layers.groupNorm(parameters, name, channels, channels, true);
    }

    @Override
    public Features forward(Tape tape, Input input) {
        return run(tape, tape.input(input));
    }

    /**
     * The forward pass on a tape that other networks may share.
     *
     * @param images [B, C, X, Y, Z]
     */
    Features run(Tape tape, Value images) {
        List<Value> encoded = new ArrayList<>();
        Value x = tape.stage(encoder.get(0), images);
        for (int i = 1; i <= depth; i++) {
            encoded.add(x);
            x = tape.stage(encoder.get(i), x);
        }
        Value bottleneck = x;
        List<Value> decoded = new ArrayList<>();
        for (int i = depth - 1; i >= 0; i--) {
            x = i < skips ? tape.stage(decoder.get(i), x, tape.last(encoded.get(i))) : tape.stage(decoder.get(i), x);
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

    /** The stages of a level are {@code encoder.i} and, above the bottleneck, {@code decoder.i}. */
    @Override
    public Set<String> deepWeights(int levels) {
        return parameters.asMap().keySet().stream()
                .filter(name -> {
                    String[] parts = name.split("\\.");
                    return (parts[0].equals("encoder") || parts[0].equals("decoder"))
                            && Integer.parseInt(parts[1]) > Math.max(depth - levels, 0);
                })
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @Override
    public int totalStride() {
        return 1 << depth;
    }

    @Override
    public List<Integer> decoderChannels() {
        return List.copyOf(decoderChannels);
    }

    @Override
    public int bottleneckChannels() {
        return bottleneckChannels;
    }
}
