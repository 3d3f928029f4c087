package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private final List<Layer> encoder = new ArrayList<>();
    private final List<Layer> ups = new ArrayList<>();
    private final List<Layer> decoder = new ArrayList<>();
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
        encoder.add(stem(spec.inputs(), widths.get(0)).scoped());
        for (int i = 1; i <= depth; i++) {
            encoder.add(
                    block("encoder." + i, widths.get(i - 1), widths.get(i), 2).scoped());
        }
        for (int i = depth - 1; i >= 0; i--) {
            String name = "decoder." + i;
            int merged = widths.get(i + 1) + widths.get(i);
            ups.add(0, Layers.doublingConv(parameters, name + ".up", widths.get(i + 1)));
            Layer gate = attention.gate(parameters, name + ".gate", merged);
            decoder.add(
                    0,
                    gate.then(block(name + ".block", merged, widths.get(i), 1)).scoped());
        }
        heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
    }

    private Layer stem(int in, int out) {
        Layer first = Layers.conv(parameters, "stem.conv1", in, out, 3);
        Layer second = Layers.conv(parameters, "stem.conv2", out, out, 3);
        Layer skip = Layers.conv(parameters, "stem.skip", in, out, 3);
        return x -> second.apply(Layers.leakyReluInPlace(Layers.instanceNorm(first.apply(x))))
                .add_(skip.apply(x));
    }

    private Layer block(String name, int in, int out, int stride) {
        Layer main = preactivation(name + ".norm1", in)
                .then(Layers.conv(parameters, name + ".conv1", in, out, 3, stride))
                .then(preactivation(name + ".norm2", out))
                .then(Layers.conv(parameters, name + ".conv2", out, out, 3));
        Layer skip = Layers.conv(parameters, name + ".skip.conv", in, out, 3, stride)
                .then(Layers.groupNorm(parameters, name + ".skip.norm", out, groups(out)));
        return x -> main.apply(x).add_(skip.apply(x));
    }

    private Layer preactivation(String name, int channels) {
        return Layers.groupNorm(parameters, name, channels, groups(channels)).then(Layers::leakyReluInPlace);
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
    public Features forward(Tensor input) {
        List<Tensor> encoded = new ArrayList<>();
        Tensor x = input;
        for (Layer stage : encoder) {
            x = stage.apply(x);
            encoded.add(x);
        }
        Tensor bottleneck = x;
        List<Tensor> decoded = new ArrayList<>();
        for (int i = decoder.size() - 1; i >= 0; i--) {
            x = decode(i, x, encoded.get(i));
            decoded.add(0, x);
        }
        return heads.features(decoded, bottleneck);
    }

    private Tensor decode(int level, Tensor below, Tensor skipped) {
        return Tensors.scoped(() ->
                decoder.get(level).apply(Tensors.cat(List.of(ups.get(level).apply(below), skipped), 1)));
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
    public int divisor() {
        return 1 << (widths.size() - 1);
    }

    @Override
    public List<Integer> decoderChannels() {
        return widths.subList(0, widths.size() - 1);
    }
}
