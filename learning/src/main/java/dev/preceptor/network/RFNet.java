package dev.preceptor.network;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.Layers.Layer;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * RFNet (Ding, Yu, Yang, "RFNet: Region-aware Fusion Network for Incomplete Multi-modal Brain Tumor Segmentation", ICCV 2021): an encoder
 * for each sequence ({@link ReflectEncoder}); at each level a map of class probabilities is predicted from the present sequences and the
 * decoder, and tells a fusion which sequence counts how much in the region of which class ({@link RegionFusion}). In training a
 * second decoder, the same for all sequences, segments from each sequence alone. The maps pass no gradient of the fusion on: they
 * learn from the labels, by {@link Auxiliary#PROBABILITY_MAP}. Features of absent sequences are zeros, and their encoders do not
 * run.
 *
 * <p>The maps are a softmax over the output channels, which therefore have to be classes. With region outputs, as a student of a method
 * without a loss for the maps, they are K parts of the image without a meaning.
 */
public final class RFNet implements Network {
    /** The name of this network in recipes and model files. */
    public static final String NAME = "rfnet";

    /** Channels before the logits of a probability map. */
    private static final int MAP_CHANNELS = 16;

    /** Hidden units of the weights of the sequences in a region. */
    private static final int HIDDEN = 128;

    private final NetworkSpec spec;
    private final Parameters parameters = new Parameters();
    private final List<Integer> widths;
    private final int depth;
    private final List<ReflectEncoder> encoders = new ArrayList<>();
    private final List<Fusion> fusions = new ArrayList<>();
    private final List<SkipDecoder.Level> decoders = new ArrayList<>();
    private final SkipDecoder separate;
    private final ConvolutionOp separateHead;
    private final Heads heads;

    /**
     * Builds the network with fresh weights from libtorch's generator.
     *
     * @param spec arguments: {@code widths}, 2 to 7 numbers of channels, each divisible by 4; {@code heads}, the number of decoder stages
     *     below the full resolution with logits for deep supervision, from the finest down, by default 0
     */
    public RFNet(NetworkSpec spec) {
        NetworkArguments arguments = new NetworkArguments(NAME, spec.arguments(), "widths", "heads");
        widths = arguments.widths();
        if (widths.stream().anyMatch(width -> width % 4 != 0)) {
            throw new InvalidRecipeException("network.widths of " + NAME + " must be divisible by 4, not " + widths);
        }
        depth = widths.size() - 1;
        int deep = arguments.integer("heads", 0, 0, depth - 1);
        this.spec = new NetworkSpec(NAME, spec.inputs(), spec.outputs(), Map.of("widths", widths, "heads", deep));
        for (int c = 0; c < spec.inputs(); c++) {
            encoders.add(new ReflectEncoder(parameters, "encoder." + c, widths, false));
        }
        for (int i = 0; i <= depth; i++) {
            fusions.add(new Fusion(i));
        }
        for (int i = 0; i < depth; i++) {
            decoders.add(new SkipDecoder.Level(
                    parameters, "decoder." + i, widths.get(i + 1), widths.get(i), Upsample.ALIGNED, false));
        }
        heads = new Heads(parameters, decoderChannels(), spec.outputs(), deep);
        separate = new SkipDecoder(parameters, "separate", widths, Upsample.ALIGNED, false);
        separateHead = Layers.conv(parameters, "separate.head", widths.get(0), spec.outputs(), 1);
    }

    private ReflectUnit unit(String name, int in, int out, int kernel) {
        return new ReflectUnit(parameters, name, in, out, kernel, 1, false, ReflectUnit.SLOPE);
    }

    /** Three units with the kernels 1, 3 and 1. */
    private List<ReflectUnit> units(String name, int in, int middle, int out) {
        return List.of(
                unit(name + ".0", in, middle, 1),
                unit(name + ".1", middle, middle, 3),
                unit(name + ".2", middle, out, 1));
    }

    /** The probability map of a level, and the fusion that it guides. */
    private final class Fusion {
        private final List<ReflectUnit> embedding;
        private final ReflectUnit beforeMap;
        private final ConvolutionOp map;
        private final List<Layer> weightings = new ArrayList<>();
        private final List<ReflectUnit> regions;
        private final List<ReflectUnit> shortcut;

        Fusion(int level) {
            int width = widths.get(level);
            int inputs = spec.inputs();
            int classes = spec.outputs();
            String ofMap = "map." + level;
            embedding = units(ofMap + ".embedding", inputs * width, width / 4, width);
            beforeMap = unit(ofMap + ".0", level == depth ? width : 2 * width, MAP_CHANNELS, 1);
            map = Layers.conv(parameters, ofMap + ".1", MAP_CHANNELS, classes, 1);
            String name = "fusion." + level;
            for (int k = 0; k < classes; k++) {
                String weighting = name + ".weighting." + k;
                Layer first = Layers.linear(parameters, weighting + ".0", inputs * width + 1, HIDDEN);
                Layer second = Layers.linear(parameters, weighting + ".1", HIDDEN, inputs);
                weightings.add(first.then(new LeakyRelu(ReflectUnit.SLOPE)).then(second));
            }
            regions = units(name + ".regions", classes * width, width, width / 2);
            shortcut = units(name + ".shortcut", inputs * width, width, width / 2);
        }

        /**
         * The logits of the map.
         *
         * @param inputs the features of the present sequences; below the bottleneck also the decoder's, first
         */
        Value map(Tape tape, PresentConcat concat, List<Value> inputs, boolean isBottleneck) {
            Value[] features =
                    inputs.subList(isBottleneck ? 0 : 1, inputs.size()).toArray(Value[]::new);
            Value embedded = ReflectUnit.convolve(tape, embedding, concat, features);
            NormActivation norm = embedding.get(2).norm();
            Value x = isBottleneck
                    ? beforeMap.convolve(tape, norm, embedded)
                    : beforeMap.convolve(tape, new Concat(), inputs.get(0), tape.apply(norm, embedded));
            return tape.convolve(map, beforeMap.norm(), x);
        }

        /** @param inputs the logits of the map and the features of the present sequences */
        Value fused(Tape tape, PresentConcat concat, List<Value> inputs) {
            Value ofRegions = ReflectUnit.convolve(
                    tape, regions, new RegionFusion(concat, weightings), inputs.toArray(Value[]::new));
            Value beside = ReflectUnit.convolve(
                    tape, shortcut, concat, inputs.subList(1, inputs.size()).toArray(Value[]::new));
            NormConcat both = new NormConcat(
                    List.of(regions.get(2).norm(), shortcut.get(2).norm()));
            return tape.apply(both, ofRegions, beside);
        }
    }

    /** Any: features of absent channels are zeros in the fusion. */
    @Override
    public Requirement requires() {
        return Requirement.ANY_SUBSET;
    }

    @Override
    public Set<Auxiliary> auxiliaries() {
        return EnumSet.of(Auxiliary.SEPARATE, Auxiliary.PROBABILITY_MAP);
    }

    @Override
    public Features forward(Tape tape, Input input) {
        input.requireOnePresent();
        boolean isTraining = input.trainingSeed().isPresent();
        PresentConcat concat = new PresentConcat(input.present());
        List<Integer> presentChannels = input.presentAnywhere();
        List<List<Value>> encoded = new ArrayList<>();
        for (int c = 0; c < spec.inputs(); c++) {
            encoded.add(
                    isTraining || presentChannels.contains(c)
                            ? encoders.get(c).run(tape, tape.input(input, c))
                            : List.of());
        }
        List<List<Value>> present = presentChannels.stream().map(encoded::get).toList();
        Map<String, Value> auxiliary = new LinkedHashMap<>();
        List<Value> decoded = new ArrayList<>();
        Value bottleneck = null;
        Value x = null;
        for (int level = depth; level >= 0; level--) {
            Fusion fusion = fusions.get(level);
            boolean isBottleneck = level == depth;
            List<Value> features = new ArrayList<>();
            if (!isBottleneck) {
                SkipDecoder.Level decoder = decoders.get(level);
                x = tape.stage((inner, inputs) -> decoder.upsampled(inner, inputs.get(0)), x);
                features.add(x);
            }
            for (List<Value> ofSequence : present) {
                features.add(ofSequence.get(level));
            }
            Value map = tape.stage(
                    (inner, inputs) -> fusion.map(inner, concat, inputs, isBottleneck), features.toArray(Value[]::new));
            auxiliary.put(Auxiliary.PROBABILITY_MAP.of(level, 0), map);
            List<Value> guided = new ArrayList<>(List.of(tape.detached(map)));
            guided.addAll(features.subList(isBottleneck ? 0 : 1, features.size()));
            Value fused =
                    tape.stage((inner, inputs) -> fusion.fused(inner, concat, inputs), guided.toArray(Value[]::new));
            if (isBottleneck) {
                bottleneck = fused;
                x = fused;
            } else {
                SkipDecoder.Level decoder = decoders.get(level);
                x = tape.stage((inner, inputs) -> decoder.decoded(inner, inputs.get(0), inputs.get(1)), fused, x);
                decoded.add(0, x);
            }
        }
        for (int c = 0; isTraining && c < spec.inputs(); c++) {
            Value alone = separate.run(tape, encoded.get(c)).get(0);
            auxiliary.put(Auxiliary.SEPARATE.of(0, c), tape.convolve(separateHead, alone));
        }
        return heads.features(tape, decoded, bottleneck, isTraining ? auxiliary : Map.of());
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
