package dev.preceptor.network;

import dev.preceptor.network.Tape.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Two {@link UNet}s, one behind the other: the generator synthesises images of further sequences from the input, the segmenter
 * segments from the concatenation of both. Weights are named {@code generator.*} and {@code segmenter.*}. A prediction runs both, so
 * that it takes about the time of two networks.
 */
public final class SynthesisUNet implements SynthesisNetwork {
    /** Its name in recipes and model files. */
    public static final String NAME = "synthesis";

    /** The setting with the number of synthesised images. */
    public static final String SYNTHESISED = "synthesised";

    private static final int MAX_SYNTHESISED = 16;

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final UNet generator;
    private final UNet segmenter;

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, {@code skips} and {@code heads} of the segmenter, as of {@link UNet};
     *     {@code generatorWidths} of the generator, by default those of the segmenter, and as many; both have as many skip
     *     connections; {@code synthesised}, the number of synthesised images, from 1, by default 1
     */
    public SynthesisUNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(
                NAME, spec.arguments(), "widths", "generatorWidths", "skips", "heads", SYNTHESISED);
        List<Integer> widths = arguments.widths();
        List<Integer> generatorWidths = spec.arguments().containsKey("generatorWidths")
                ? arguments.widths("generatorWidths", widths.size())
                : widths;
        int synthesised = arguments.integer(SYNTHESISED, 1, 1, MAX_SYNTHESISED);
        int depth = widths.size() - 1;
        int skips = arguments.integer("skips", depth, 0, depth);
        int heads = arguments.integer("heads", 0, 0, depth - 1);
        Map<String, Object> all = new TreeMap<>(Map.of("widths", widths, "skips", skips, "heads", heads));
        all.put("generatorWidths", generatorWidths);
        all.put(SYNTHESISED, synthesised);
        this.spec = new NetworkSpec(NAME, spec.inputs(), spec.outputs(), all);
        this.generator = new UNet(new NetworkSpec(
                UNet.NAME, spec.inputs(), synthesised, Map.of("widths", generatorWidths, "skips", skips)));
        this.segmenter = new UNet(new NetworkSpec(
                UNet.NAME,
                spec.inputs() + synthesised,
                spec.outputs(),
                Map.of("widths", widths, "skips", skips, "heads", heads)));
        parameters.include("generator.", generator.parameters());
        parameters.include("segmenter.", segmenter.parameters());
    }

    @Override
    public Network generator() {
        return generator;
    }

    @Override
    public Network segmenter() {
        return segmenter;
    }

    @Override
    public Set<Auxiliary> auxiliaries() {
        return Set.of(Auxiliary.SYNTHESIS);
    }

    @Override
    public Features forward(Tape tape, Input input) {
        Value images = tape.input(input);
        Value synthesised = generator.run(tape, images).logitsValue();
        Features features = segmenter.run(tape, tape.apply(new Concat(), images, synthesised));
        return features.with(Map.of(Auxiliary.SYNTHESIS.of(0, 0), synthesised));
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
        return segmenter.totalStride();
    }

    @Override
    public List<Integer> decoderChannels() {
        return segmenter.decoderChannels();
    }

    @Override
    public int bottleneckChannels() {
        return segmenter.bottleneckChannels();
    }

    @Override
    public void close() {
        parameters.close();
        generator.close();
        segmenter.close();
    }
}
