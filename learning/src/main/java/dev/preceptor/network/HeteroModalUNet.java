package dev.preceptor.network;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * U-HeMIS and U-HVED (Dorent, Joutard, Modat, Ourselin, Vercauteren, MICCAI 2019, arXiv 1907.11150): one encoder for each sequence, and
 * at each level a fusion of the sequences that are present, whatever their number. U-HeMIS fuses by mean and variance
 * ({@link MomentFusion}), U-HVED by the product of Gaussian latents ({@link GaussianFusion}), from which it also reconstructs each
 * sequence in training. A sequence that is absent enters nothing: its encoder does not run.
 *
 * <p>With widths w_0..w_d an encoder is a 1x1x1 convolution to w_0 channels with LeakyReLU, then a block for each level, max-pooling
 * between them; a block is two times [InstanceNorm, LeakyReLU, 3x3x3 convolution] to w_i channels, in U-HeMIS the second to w_i / 2.
 * The fused features have w_i channels in U-HeMIS and w_i / 2 in U-HVED. Decoder stage i upsamples (trilinear), concatenates the fused
 * features of level i, and is such a block to w_(i+1) / 2 and w_(i+1) / 4 channels: with the paper's widths 8, 16, 32, 64 to
 * 32 and 16, 16 and 8, 8 and 4.
 */
public final class HeteroModalUNet implements Network {
    /** The name of U-HeMIS in recipes and model files. */
    public static final String U_HEMIS = "u-hemis";

    /** The name of U-HVED in recipes and model files. */
    public static final String U_HVED = "u-hved";

    private final NetworkSpec spec;
    private final boolean isVariational;
    private final Parameters parameters = new Parameters();
    private final List<Integer> widths;
    private final int depth;
    private final List<List<Stage>> encoders = new ArrayList<>();
    private final List<Stage> decoder;
    private final List<Reconstruction> reconstructions = new ArrayList<>();
    private final List<Integer> decoderChannels = new ArrayList<>();
    private final int bottleneckChannels;
    private final Heads heads;

    /** The decoder of one sequence, which runs in training steps only. */
    private record Reconstruction(List<Stage> decoder, ConvolutionOp output) {}

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec its name decides between the two; arguments: {@code widths}, 2 to 7 numbers of channels, each divisible by 4 except
     *     the first, which is divisible by 2; {@code heads}, the number of decoder stages below the full resolution with logits for
     *     deep supervision, from the finest down, by default 0
     */
    public HeteroModalUNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(spec.name(), spec.arguments(), "widths", "heads");
        widths = arguments.widths();
        for (int i = 0; i < widths.size(); i++) {
            if (widths.get(i) % (i == 0 ? 2 : 4) != 0) {
                throw new InvalidRecipeException(
                        "network.widths of " + spec.name() + " must be divisible by 4, the first by 2, not " + widths);
            }
        }
        this.isVariational = spec.name().equals(U_HVED);
        this.depth = widths.size() - 1;
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec =
                new NetworkSpec(spec.name(), spec.inputs(), spec.outputs(), Map.of("widths", widths, "heads", deep));
        for (int c = 0; c < spec.inputs(); c++) {
            encoders.add(encoder("encoder." + c));
        }
        bottleneckChannels = fused(widths.get(depth));
        for (int i = 0; i < depth; i++) {
            decoderChannels.add(widths.get(i + 1) / 4);
        }
        decoder = decoder("decoder");
        heads = new Heads(parameters, decoderChannels, spec.outputs(), deep);
        for (int c = 0; isVariational && c < spec.inputs(); c++) {
            String name = "reconstruction." + c;
            reconstructions.add(new Reconstruction(
                    decoder(name), Layers.conv(parameters, name + ".output", decoderChannels.get(0), 1, 1)));
        }
    }

    private int fused(int width) {
        return isVariational ? width / 2 : width;
    }

    private List<Stage> encoder(String name) {
        ConvolutionOp first = Layers.conv(parameters, name + ".first", 1, widths.get(0), 1);
        List<Stage> stages = new ArrayList<>();
        int channels = widths.get(0);
        for (int i = 0; i <= depth; i++) {
            int width = widths.get(i);
            int second = isVariational ? width : width / 2;
            RecomputedOp before = i == 0 ? new LeakyRelu(Layers.SLOPE) : new MaxPool();
            Stage block = block(name + "." + i, before, channels, width, second);
            stages.add(
                    i == 0 ? (tape, inputs) -> block.run(tape, List.of(tape.convolve(first, inputs.get(0)))) : block);
            channels = second;
        }
        return stages;
    }

    private List<Stage> decoder(String name) {
        List<Stage> stages = new ArrayList<>();
        int channels = bottleneckChannels;
        for (int i = depth - 1; i >= 0; i--) {
            int width = widths.get(i + 1) / 2;
            stages.add(
                    0, block(name + "." + i, new UpsampleConcat(), channels + fused(widths.get(i)), width, width / 2));
            channels = width / 2;
        }
        return stages;
    }

    /** @param before the first norm */
    private Stage block(String name, RecomputedOp before, int in, int middle, int out) {
        NormActivation firstNorm = Layers.groupNorm(parameters, name + ".0.norm", in, in, true);
        ConvolutionOp first = Layers.conv(parameters, name + ".0.conv", in, middle, 3);
        NormActivation secondNorm = Layers.groupNorm(parameters, name + ".1.norm", middle, middle, true);
        ConvolutionOp second = Layers.conv(parameters, name + ".1.conv", middle, out, 3);
        RecomputedOp entry = before.then(firstNorm);
        return (tape, inputs) ->
                tape.convolve(second, secondNorm, tape.convolve(first, entry, inputs.toArray(Value[]::new)));
    }

    /** Any: the features of the channels that are present are fused. */
    @Override
    public Requirement requires() {
        return Requirement.ANY_SUBSET;
    }

    @Override
    public Set<Auxiliary> auxiliaries() {
        return isVariational ? EnumSet.of(Auxiliary.LATENT, Auxiliary.RECONSTRUCTION) : Set.of();
    }

    @Override
    public Features forward(Tape tape, Input input) {
        input.requireOnePresent();
        boolean isTraining = isVariational && input.trainingSeed().isPresent();
        if (isTraining) {
            torch.manual_seed(input.trainingSeed().getAsLong());
        }
        List<Integer> present = input.presentAnywhere();
        List<List<Value>> encoded = new ArrayList<>();
        for (int c = 0; c < spec.inputs(); c++) {
            encoded.add(isTraining || present.contains(c) ? encode(tape, c, input) : List.of());
        }
        List<Value> fused = new ArrayList<>();
        for (int i = 0; i <= depth; i++) {
            int level = i;
            Value[] features =
                    present.stream().map(c -> encoded.get(c).get(level)).toArray(Value[]::new);
            fused.add(tape.apply(fusion(input, present, level, isTraining), features));
        }
        List<Value> decoded = decode(tape, decoder, fused);
        return heads.features(tape, decoded, fused.get(depth), isTraining ? auxiliary(tape, encoded, fused) : Map.of());
    }

    private List<Value> encode(Tape tape, int channel, Input input) {
        List<Value> levels = new ArrayList<>();
        Value x = tape.input(input, channel);
        for (Stage stage : encoders.get(channel)) {
            x = tape.stage(stage, x);
            levels.add(x);
        }
        return levels;
    }

    private RecomputedOp fusion(Input input, List<Integer> channels, int level, boolean isTraining) {
        boolean[][] present = input.presentAmong(channels);
        if (!isVariational) {
            return new MomentFusion(present);
        }
        return new GaussianFusion(present, isTraining ? Optional.of(noise(input.images(), level)) : Optional.empty());
    }

    private Tensor noise(Tensor images, int level) {
        return torch.randn(
                        images.size(0),
                        widths.get(level) / 2,
                        images.size(2) >> level,
                        images.size(3) >> level,
                        images.size(4) >> level)
                .to(images.device(), images.scalar_type());
    }

    private List<Value> decode(Tape tape, List<Stage> stages, List<Value> fused) {
        List<Value> decoded = new ArrayList<>();
        Value x = fused.get(depth);
        for (int i = depth - 1; i >= 0; i--) {
            x = tape.stage(stages.get(i), x, fused.get(i));
            decoded.add(0, x);
        }
        return decoded;
    }

    private Map<String, Value> auxiliary(Tape tape, List<List<Value>> encoded, List<Value> fused) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (int c = 0; c < encoded.size(); c++) {
            for (int i = 0; i <= depth; i++) {
                values.put(Auxiliary.LATENT.of(i, c), encoded.get(c).get(i));
            }
            Reconstruction reconstruction = reconstructions.get(c);
            values.put(
                    Auxiliary.RECONSTRUCTION.of(0, c),
                    tape.convolve(
                            reconstruction.output(),
                            decode(tape, reconstruction.decoder(), fused).get(0)));
        }
        return values;
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
