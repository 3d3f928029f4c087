package dev.preceptor.network;

import dev.preceptor.network.Layers.Layer;
import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * What a sequence looks like, apart from what it shows, in Robust-MSeg: from an image to a code of 8 numbers, and from the code to scale
 * and shift of {@link AdaptiveNorm}. A convolution with kernel 7, then those with kernel 4 and stride 2, one more than the network
 * has levels below the full resolution, all with reflect padding and ReLU; the mean over the voxels; the code; two hidden layers.
 */
final class AppearanceEncoder {
    /** Numbers of a code. */
    private static final int CODE = 8;

    private final List<Stage> stages = new ArrayList<>();
    private final RecomputedOp style;

    /** @param widths channels of the levels of the network */
    AppearanceEncoder(Parameters parameters, String name, List<Integer> widths) {
        int deepest = widths.get(widths.size() - 1);
        int channels = 0;
        for (int i = 0; i <= widths.size(); i++) {
            boolean isFirst = i == 0;
            int out = Math.min((2 * widths.get(0)) << i, deepest);
            int kernel = isFirst ? 7 : 4;
            ConvolutionOp conv = Layers.unpaddedConv(
                    parameters, name + "." + i, isFirst ? 1 : channels, out, kernel, isFirst ? 1 : 2, true);
            RecomputedOp pad = new ReflectPad(kernel);
            RecomputedOp before = isFirst ? pad : new LeakyRelu(0).then(pad);
            stages.add((tape, inputs) -> tape.convolve(conv, before, inputs.get(0)));
            channels = out;
        }
        Layer code = Layers.linear(parameters, name + ".code", channels, CODE);
        Layer first = Layers.linear(parameters, name + ".hidden.0", CODE, deepest);
        Layer second = Layers.linear(parameters, name + ".hidden.1", deepest, deepest);
        Layer last = Layers.linear(parameters, name + ".style", deepest, 2 * deepest);
        Layer perceptron = code.then(first)
                .then(x -> x.relu())
                .then(second)
                .then(x -> x.relu())
                .then(last);
        style = inputs -> perceptron.apply(inputs.get(0).relu().mean(Layers.SPACE));
    }

    /**
     * Scale and shift, [B, 2C] with the C channels of the deepest level.
     *
     * @param x one sequence, [B, 1, X, Y, Z]
     */
    Value run(Tape tape, Value x) {
        Value features = x;
        for (Stage stage : stages) {
            features = tape.stage(stage, features);
        }
        return tape.apply(style, features);
    }
}
