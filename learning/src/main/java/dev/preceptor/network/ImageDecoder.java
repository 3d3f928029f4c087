package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The decoder of the image of one sequence in Robust-MSeg: four residual blocks with {@link AdaptiveNorm} at the deepest level, then at
 * each level nearest upsampling, a convolution with kernel 5, a norm over all channels and voxels (layer norm) and ReLU, and at last
 * a convolution with kernel 7. All convolutions have reflect padding.
 */
final class ImageDecoder {
    private static final int BLOCKS = 4;

    private final List<Stage> blocks = new ArrayList<>();
    private final List<Stage> levels = new ArrayList<>();

    /** @param widths channels of the levels of the network */
    ImageDecoder(Parameters parameters, String name, List<Integer> widths) {
        int depth = widths.size() - 1;
        int channels = widths.get(depth);
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(block(parameters, name + ".block." + i, channels));
        }
        RecomputedOp before = Upsample.NEAREST.then(new ReflectPad(5));
        for (int level = depth - 1; level >= 0; level--) {
            String stage = name + ".up." + level;
            int out = widths.get(level);
            levels.add(
                    convolution(Layers.unpaddedConv(parameters, stage + ".conv", channels, out, 5, 1, true), before));
            // One group is the norm over all channels.
            RecomputedOp norm = Layers.groupNorm(parameters, stage + ".norm", out, 1, 0);
            before = level == 0
                    ? norm.then(new ReflectPad(7))
                    : norm.then(Upsample.NEAREST).then(new ReflectPad(5));
            channels = out;
        }
        levels.add(convolution(Layers.unpaddedConv(parameters, name + ".output", channels, 1, 7, 1, true), before));
    }

    private static Stage convolution(ConvolutionOp conv, RecomputedOp before) {
        return (tape, inputs) -> tape.convolve(conv, before, inputs.get(0));
    }

    private static Stage block(Parameters parameters, String name, int channels) {
        RecomputedOp pad = new ReflectPad(3);
        ConvolutionOp first = Layers.unpaddedConv(parameters, name + ".0", channels, channels, 3, 1, false);
        ConvolutionOp second = Layers.unpaddedConv(parameters, name + ".1", channels, channels, 3, 1, false);
        ResidualSum sum =
                new ResidualSum(new AdaptiveNorm(NormActivation.LINEAR), Optional.empty(), NormActivation.LINEAR);
        return (tape, inputs) -> {
            Value x = inputs.get(0);
            Value style = inputs.get(1);
            Value middle = tape.convolve(first, pad, x);
            Value last = tape.convolve(second, new AdaptiveNorm(0).then(pad), middle, style);
            return tape.apply(sum, last, style, x);
        };
    }

    /**
     * The image, [B, 1, X, Y, Z].
     *
     * @param content the deepest features
     * @param style of {@link AppearanceEncoder}
     */
    Value run(Tape tape, Value content, Value style) {
        Value x = content;
        for (Stage block : blocks) {
            x = tape.stage(block, x, style);
        }
        for (Stage level : levels) {
            x = tape.stage(level, x);
        }
        return x;
    }
}
