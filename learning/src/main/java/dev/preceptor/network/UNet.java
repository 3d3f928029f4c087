package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The U-Net of KD-Net, "No New-Net" (Isensee et al., BraTS 2018, arXiv 1809.10483): two [conv 3x3x3, InstanceNorm,
 * LeakyReLU 0.01] per stage, max-pooling down, trilinear up, channels halved by the second convolution of a stage before
 * the upsampling, no deep supervision.
 *
 * <p>With widths w_0..w_d: encoder stage i has w_i channels; the bottleneck gives w_(d-1) channels at 1/2^d; decoder
 * stage i gives w_(i-1) channels (w_0 for i = 0) at 1/2^i. The paper: widths 30, 60, 120, 240, 480 and 4 skips.
 */
public final class UNet implements Network {
    /** The name in recipes and model files. */
    public static final String NAME = "unet";

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final int depth;
    private final int skips;
    private final List<Layer> encoder = new ArrayList<>();
    private final List<Layer> decoder = new ArrayList<>();
    private final List<Integer> decoderChannels = new ArrayList<>();
    private final Heads heads;

    /**
     * Builds the network with fresh weights drawn from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 ascending numbers of channels; {@code skips}, how many skip
     *     connections there are, counted from the full resolution down; default all; and {@code heads}, how many of the
     *     decoder stages below the full resolution give logits of their own, from the finest down; default none
     */
    public UNet(NetworkSpec spec) {
        Arguments arguments = new Arguments(NAME, spec.arguments(), "widths", "skips", "heads");
        List<Integer> widths = arguments.widths();
        this.depth = widths.size() - 1;
        this.skips = arguments.integer("skips", depth, 0, depth);
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(
                NAME, spec.inputs(), spec.outputs(), Map.of("widths", widths, "skips", skips, "heads", deep));
        int channels = spec.inputs();
        for (int i = 0; i <= depth; i++) {
            int second = i < depth ? widths.get(i) : widths.get(i - 1);
            encoder.add(stage("encoder." + i, channels, widths.get(i), second));
            channels = second;
        }
        for (int i = depth - 1; i >= 0; i--) {
            int merged = channels + (i < skips ? widths.get(i) : 0);
            channels = widths.get(Math.max(i - 1, 0));
            decoderChannels.add(0, channels);
            decoder.add(0, stage("decoder." + i, merged, widths.get(i), channels));
        }
        heads = new Heads(parameters, decoderChannels, spec.outputs(), deep);
    }

    private Layer stage(String name, int in, int middle, int out) {
        return unit(name + ".0", in, middle).then(unit(name + ".1", middle, out));
    }

    private Layer unit(String name, int in, int out) {
        return Layers.conv(parameters, name + ".conv", in, out, 3)
                .then(Layers.instanceNorm(parameters, name + ".norm", out))
                .then(Layers::leakyReluInPlace);
    }

    @Override
    public Features forward(Tensor input) {
        List<Tensor> skipped = new ArrayList<>();
        Tensor x = encoder.get(0).apply(input);
        for (int i = 1; i <= depth; i++) {
            skipped.add(x);
            x = encoder.get(i).apply(Layers.halve(x));
        }
        Tensor bottleneck = x;
        List<Tensor> decoded = new ArrayList<>();
        for (int i = depth - 1; i >= 0; i--) {
            Tensor up = Layers.twice(x);
            x = decoder.get(i).apply(i < skips ? Tensors.cat(List.of(up, skipped.get(i)), 1) : up);
            decoded.add(0, x);
        }
        return heads.features(decoded, bottleneck);
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
        return 1 << depth;
    }

    @Override
    public List<Integer> decoderChannels() {
        return List.copyOf(decoderChannels);
    }
}
