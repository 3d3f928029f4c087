package dev.preceptor.network;

import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;

/** What makes logits of decoder features: {@code head} at full resolution, and {@code deep.i} at 1/2^i where asked for. */
final class Heads {
    private final List<ConvolutionOp> layers = new ArrayList<>();

    /**
     * @param channels of each decoder stage, from the full resolution down
     * @param outputs K of the logits
     * @param deep how many stages below the full resolution have a head, from the finest down
     */
    Heads(Parameters parameters, List<Integer> channels, int outputs, int deep) {
        for (int i = 0; i <= deep; i++) {
            layers.add(Layers.conv(parameters, i == 0 ? "head" : "deep." + i, channels.get(i), outputs, 1));
        }
    }

    /** All that a forward gives, from the decoder's stages in the order of the channels. */
    Features features(Tape tape, List<Value> decoded, Value bottleneck) {
        List<Value> logits = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            logits.add(tape.convolve(layers.get(i), decoded.get(i)));
        }
        return new Features(tape, logits.get(0), decoded, bottleneck, logits.subList(1, logits.size()));
    }
}
