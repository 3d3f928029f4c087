package example.network;

import dev.preceptor.network.ConvolutionOp;
import dev.preceptor.network.Features;
import dev.preceptor.network.Heads;
import dev.preceptor.network.Input;
import dev.preceptor.network.Layers;
import dev.preceptor.network.Network;
import dev.preceptor.network.NetworkArguments;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.NormActivation;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.RecomputedOp;
import dev.preceptor.network.Tape;
import dev.preceptor.network.Tape.Value;
import dev.preceptor.network.spi.NetworkProvider;
import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A network of one's own: a U-Net with one convolution per stage, convolutions with stride 2 down and transposed convolutions
 * up. With widths w_0..w_d, encoder and decoder stage i have w_i channels at 1/2^i of the resolution.
 */
public final class StridedUNet implements Network {
    /** Its name in recipes and model files. */
    public static final String NAME = "strided-unet";

    /** Adds the network to those that recipes may name; META-INF/services lists this class. */
    public static final class Provider implements NetworkProvider {
        @Override
        public Map<String, Function<NetworkSpec, Network>> networks() {
            return Map.of(NAME, StridedUNet::new);
        }
    }

    /** An operation of one's own; autograd differentiates it, and {@code preceptor export} writes it as a node of ONNX. */
    private record Concatenation() implements RecomputedOp {
        @Override
        public Tensor apply(List<Tensor> inputs) {
            return Tensors.cat(inputs, 1);
        }

        @Override
        public String export(OnnxGraph graph, List<String> inputs) {
            return graph.node("Concat", inputs, Attribute.of("axis", 1));
        }
    }

    private final NetworkSpec spec;
    private final List<Integer> widths;
    private final Parameters parameters = new Parameters();
    private final List<ConvolutionOp> down = new ArrayList<>();
    private final List<NormActivation> downNorms = new ArrayList<>();
    private final List<ConvolutionOp> up = new ArrayList<>();
    private final List<ConvolutionOp> merge = new ArrayList<>();
    private final List<NormActivation> mergeNorms = new ArrayList<>();
    private final Heads heads;

    /** @param spec arguments: {@code widths}, and {@code heads}, the number of heads for deep supervision, by default 0 */
    public StridedUNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(NAME, spec.arguments(), "widths", "heads");
        widths = arguments.widths();
        int depth = widths.size() - 1;
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(NAME, spec.inputs(), spec.outputs(), Map.of("widths", widths, "heads", deep));
        for (int i = 0; i <= depth; i++) {
            int in = i == 0 ? spec.inputs() : widths.get(i - 1);
            down.add(Layers.conv(parameters, "down." + i + ".conv", in, widths.get(i), 3, i == 0 ? 1 : 2));
            downNorms.add(norm("down." + i + ".norm", widths.get(i)));
        }
        for (int i = 0; i < depth; i++) {
            int below = widths.get(i + 1);
            up.add(Layers.transposedConv(parameters, "up." + i, below, below));
            merge.add(Layers.conv(parameters, "merge." + i + ".conv", below + widths.get(i), widths.get(i), 3));
            mergeNorms.add(norm("merge." + i + ".norm", widths.get(i)));
        }
        heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
    }

    /** InstanceNorm and LeakyReLU. */
    private NormActivation norm(String name, int channels) {
        return Layers.groupNorm(parameters, name, channels, channels, true);
    }

    @Override
    public Features forward(Tape tape, Input input) {
        List<Value> encoded = new ArrayList<>();
        Value x = tape.input(input);
        for (int i = 0; i < down.size(); i++) {
            x = tape.apply(downNorms.get(i), tape.convolve(down.get(i), x));
            encoded.add(x);
        }
        Value bottleneck = x;
        List<Value> decoded = new ArrayList<>();
        for (int i = up.size() - 1; i >= 0; i--) {
            Value upsampled = tape.convolve(up.get(i), x);
            x = tape.apply(
                    mergeNorms.get(i), tape.convolve(merge.get(i), new Concatenation(), upsampled, encoded.get(i)));
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

    @Override
    public int bottleneckChannels() {
        return widths.get(widths.size() - 1);
    }
}
