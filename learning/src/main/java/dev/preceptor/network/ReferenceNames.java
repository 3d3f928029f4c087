package dev.preceptor.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Maps the weight names of the reference implementation of MTCM-KD (docs/methods/mtcm-kd.md) to those of {@link ResUNet} and
 * {@link CooperativeFusion}. Only its published architecture is recognised: three downsamplings and channel attention.
 */
public final class ReferenceNames {
    private static final int DEPTH = 3;
    private static final Map<String, String> BLOCK = Map.of(
            "conv_block.0", "norm1",
            "conv_block.2", "conv1",
            "conv_block.3", "norm2",
            "conv_block.5", "conv2",
            "conv_skip.0", "skip.conv",
            "conv_skip.1", "skip.norm");
    private static final Map<String, String> NETWORK = network();
    private static final Pattern FUSION = Pattern.compile(
            "(?:channel_attention(\\d+)\\.mlp\\.([13])|intermediate_conv(\\d+)|(output_layer))\\.(weight|bias)");
    private static final Pattern KIND = Pattern.compile("(.*)\\.(weight|bias)");

    private ReferenceNames() {}

    private static Map<String, String> network() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("input_layer.0", "stem.conv1");
        names.put("input_layer.3", "stem.conv2");
        names.put("input_skip.0", "stem.skip");
        block(names, "residual_conv_1", "encoder.1");
        block(names, "residual_conv_2", "encoder.2");
        block(names, "bridge", "encoder.3");
        for (int i = 1; i <= DEPTH; i++) {
            String decoder = "decoder." + (DEPTH - i);
            names.put("upsample_" + i, decoder + ".up");
            names.put("channel_attention_" + i + ".mlp.1", decoder + ".gate.channel.reduce");
            names.put("channel_attention_" + i + ".mlp.3", decoder + ".gate.channel.expand");
            block(names, "up_residual_conv_" + i, decoder + ".block");
        }
        names.put("output_layer", "head");
        names.put("output_layer_1", "deep.1");
        names.put("output_layer_2", "deep.2");
        return names;
    }

    private static void block(Map<String, String> names, String theirs, String ours) {
        BLOCK.forEach((from, to) -> names.put(theirs + "." + from, ours + "." + to));
    }

    /** The name in {@link ResUNet} of a weight of the reference's network; empty if the reference has no such weight. */
    public static Optional<String> ofNetwork(String theirs) {
        Matcher kind = KIND.matcher(theirs);
        return kind.matches()
                ? Optional.ofNullable(NETWORK.get(kind.group(1))).map(name -> name + "." + kind.group(2))
                : Optional.empty();
    }

    /**
     * The name in {@link CooperativeFusion} of a weight of the reference's fusion; empty if the reference has no such weight.
     */
    public static Optional<String> ofFusion(String theirs) {
        Matcher name = FUSION.matcher(theirs);
        if (!name.matches()) {
            return Optional.empty();
        }
        String kind = "." + name.group(5);
        if (name.group(1) != null) {
            return Optional.of("gate." + (Integer.parseInt(name.group(1)) - 1) + ".channel."
                    + (name.group(2).equals("1") ? "reduce" : "expand") + kind);
        }
        return Optional.of(
                name.group(3) != null ? "evidence." + (Integer.parseInt(name.group(3)) - 1) + kind : "output" + kind);
    }

    /**
     * The specification of the network that has these weights.
     *
     * @param shapes the shape of each weight by its name in the reference
     * @return empty unless these are the weights of one complete network of the reference
     */
    public static Optional<NetworkSpec> network(Map<String, long[]> shapes) {
        Map<String, long[]> ours = new TreeMap<>();
        for (Map.Entry<String, long[]> weight : shapes.entrySet()) {
            Optional<String> name = ofNetwork(weight.getKey());
            if (name.isEmpty()) {
                return Optional.empty();
            }
            ours.put(name.get(), weight.getValue());
        }
        List<String> required = new ArrayList<>(List.of("stem.conv1.weight", "head.weight"));
        for (int i = 1; i <= DEPTH; i++) {
            required.add("encoder." + i + ".conv1.weight");
        }
        if (!required.stream().allMatch(name -> ours.containsKey(name) && ours.get(name).length == 5)) {
            return Optional.empty();
        }
        List<Integer> widths = new ArrayList<>();
        widths.add((int) ours.get("stem.conv1.weight")[0]);
        for (int i = 1; i <= DEPTH; i++) {
            widths.add((int) ours.get("encoder." + i + ".conv1.weight")[0]);
        }
        int heads = ours.containsKey("deep.2.weight") ? 2 : ours.containsKey("deep.1.weight") ? 1 : 0;
        return Optional.of(new NetworkSpec(
                ResUNet.NAME,
                (int) ours.get("stem.conv1.weight")[1],
                (int) ours.get("head.weight")[0],
                Map.of("widths", widths, "attention", Attention.CHANNEL.name(), "heads", heads)));
    }
}
