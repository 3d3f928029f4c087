package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Robust-MSeg (Chen, Dou, Jin, Chen, Qin, Heng, "Robust Multimodal Brain Tumor Segmentation via Feature Disentanglement and Gated Fusion",
 * MICCAI 2019, arXiv 2002.09708): a content encoder for each sequence ({@link ReflectEncoder}); at each level the content of the
 * present sequences is multiplied by gates that depend on all of them, and fused by a 1x1x1 convolution; a decoder segments from the
 * fused content ({@link SkipDecoder}). In training an {@link AppearanceEncoder} for each sequence and an {@link ImageDecoder} also
 * reconstruct each sequence from the fused content and its own appearance, so that the content need not contain the appearance. The
 * content of absent sequences is zeros, and their encoders do not run.
 */
public final class RobustMSeg implements Network {
    /** The name of this network in recipes and model files. */
    public static final String NAME = "robust-mseg";

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final List<Integer> widths;
    private final int depth;
    private final List<ReflectEncoder> encoders = new ArrayList<>();
    private final List<Gates> gates = new ArrayList<>();
    private final SkipDecoder decoder;
    private final Heads heads;
    private final List<AppearanceEncoder> appearances = new ArrayList<>();
    private final List<ImageDecoder> images = new ArrayList<>();

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 numbers of channels; {@code heads}, the number of decoder stages below the full
     *     resolution with logits for deep supervision, from the finest down, by default 0
     */
    public RobustMSeg(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(NAME, spec.arguments(), "widths", "heads");
        widths = arguments.widths();
        depth = widths.size() - 1;
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(NAME, spec.inputs(), spec.outputs(), Map.of("widths", widths, "heads", deep));
        for (int c = 0; c < spec.inputs(); c++) {
            encoders.add(new ReflectEncoder(parameters, "content." + c, widths, true));
        }
        for (int i = 0; i <= depth; i++) {
            gates.add(new Gates(i));
        }
        decoder = new SkipDecoder(parameters, "decoder", widths, Upsample.NEAREST, true);
        heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
        for (int c = 0; c < spec.inputs(); c++) {
            appearances.add(new AppearanceEncoder(parameters, "appearance." + c, widths));
            images.add(new ImageDecoder(parameters, "image." + c, widths));
        }
    }

    /** The fusion of a level. */
    private final class Gates {
        private final ReflectUnit gate;
        private final ReflectUnit fusion;

        Gates(int level) {
            int width = widths.get(level);
            int inputs = spec.inputs();
            gate = new ReflectUnit(
                    parameters, "gate." + level, inputs * width, inputs, 3, 1, true, NormActivation.LINEAR);
            fusion = new ReflectUnit(
                    parameters, "fusion." + level, inputs * width, width, 1, 1, true, ReflectUnit.SLOPE);
        }

        Stage of(PresentConcat concat) {
            return (tape, features) -> {
                Value[] present = features.toArray(Value[]::new);
                List<Value> gated =
                        new ArrayList<>(List.of(tape.apply(gate.norm(), gate.convolve(tape, concat, present))));
                gated.addAll(features);
                return tape.apply(
                        fusion.norm(), fusion.convolve(tape, new GatedConcat(concat), gated.toArray(Value[]::new)));
            };
        }
    }

    /** Any: the content of absent channels is zeros in the fusion. */
    @Override
    public Requirement requires() {
        return Requirement.ANY_SUBSET;
    }

    @Override
    public Set<Auxiliary> auxiliaries() {
        return EnumSet.of(Auxiliary.RECONSTRUCTION, Auxiliary.STYLE);
    }

    @Override
    public Features forward(Tape tape, Input input) {
        input.requireOnePresent();
        PresentConcat concat = new PresentConcat(input.present());
        List<List<Value>> present = input.presentAnywhere().stream()
                .map(c -> encoders.get(c).run(tape, tape.input(input, c)))
                .toList();
        List<Value> fused = new ArrayList<>();
        for (int i = 0; i <= depth; i++) {
            int level = i;
            Value[] features = present.stream().map(levels -> levels.get(level)).toArray(Value[]::new);
            fused.add(tape.stage(gates.get(level).of(concat), features));
        }
        Map<String, Value> auxiliary = new LinkedHashMap<>();
        for (int c = 0; input.trainingSeed().isPresent() && c < spec.inputs(); c++) {
            Value style = appearances.get(c).run(tape, tape.input(input, c));
            auxiliary.put(Auxiliary.STYLE.of(0, c), style);
            auxiliary.put(Auxiliary.RECONSTRUCTION.of(0, c), images.get(c).run(tape, fused.get(depth), style));
        }
        return heads.features(tape, decoder.run(tape, fused), fused.get(depth), auxiliary);
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
        return widths.subList(0, depth);
    }

    @Override
    public int bottleneckChannels() {
        return widths.get(depth);
    }
}
