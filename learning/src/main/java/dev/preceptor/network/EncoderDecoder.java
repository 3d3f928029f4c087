package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The forward pass of a U-shaped network: encoder stages from the full resolution down, then decoder stages up, each of which joins the
 * features from below with those of its own level.
 *
 * @param encoder the stages of each level, from the full resolution down; the last level gives the bottleneck
 * @param decoder one stage for each level but the lowest, from the full resolution down, of the features from below and the skip
 * @param heads the output layers
 */
record EncoderDecoder(List<List<Stage>> encoder, List<Stage> decoder, Heads heads) {
    EncoderDecoder {
        encoder = encoder.stream().map(List::copyOf).toList();
        decoder = List.copyOf(decoder);
    }

    Features forward(Tape tape, Input input) {
        List<Value> encoded = new ArrayList<>();
        Value x = tape.input(input);
        for (List<Stage> level : encoder) {
            for (Stage stage : level) {
                x = tape.stage(stage, x);
            }
            encoded.add(x);
        }
        Value bottleneck = x;
        List<Value> decoded = new ArrayList<>();
        for (int i = decoder.size() - 1; i >= 0; i--) {
            x = tape.stage(decoder.get(i), x, tape.last(encoded.get(i)));
            decoded.add(0, x);
        }
        return heads.features(tape, decoded, bottleneck);
    }
}
