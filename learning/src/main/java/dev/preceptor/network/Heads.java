package dev.preceptor.network;

import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The 1x1x1 convolutions from decoder features to logits: {@code head} at full resolution, and {@code deep.i} at 1/2^i for
 * deep supervision.
 */
public final class Heads {
    private final List<ConvolutionOp> convolutions = new ArrayList<>();

    /**
     * @param channels of each decoder stage, from the full resolution down
     * @param outputs K of the logits
     * @param deep number of stages below the full resolution that have a head, from the finest down
     */
    public Heads(Parameters parameters, List<Integer> channels, int outputs, int deep) {
        for (int i = 0; i <= deep; i++) {
            convolutions.add(Layers.conv(parameters, i == 0 ? "head" : "deep." + i, channels.get(i), outputs, 1));
        }
    }

    /**
     * The features of a forward pass, with the logits of all heads.
     *
     * @param decoded output of each decoder stage, from the full resolution down
     */
    public Features features(Tape tape, List<Value> decoded, Value bottleneck) {
        return features(tape, decoded, bottleneck, Map.of());
    }

    /**
     * The same with further outputs.
     *
     * @param auxiliary by name
     */
    public Features features(Tape tape, List<Value> decoded, Value bottleneck, Map<String, Value> auxiliary) {
        List<Value> logits = new ArrayList<>();
        for (int i = 0; i < convolutions.size(); i++) {
            logits.add(tape.convolve(convolutions.get(i), decoded.get(i)));
        }
        return new Features(tape, logits.get(0), decoded, bottleneck, logits.subList(1, logits.size()), auxiliary);
    }
}
