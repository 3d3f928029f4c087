package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder of Robust-MSeg, which RFNet has for single sequences: at each level upsampling and a {@link ReflectUnit} with kernel 3, the
 * skip connection concatenated behind, and two units with the kernels 3 and 1.
 */
final class SkipDecoder {
    private final List<Stage> levels = new ArrayList<>();

    /** One level, which RFNet also has in the decoder of the fused features. */
    static final class Level {
        private final Upsample upsample;
        private final ReflectUnit up;
        private final ReflectUnit joined;
        private final ReflectUnit last;

        /**
         * @param name of the level
         * @param below channels of the level below
         * @param width channels of this level
         */
        Level(Parameters parameters, String name, int below, int width, Upsample upsample, boolean isAffine) {
            this.upsample = upsample;
            up = unit(parameters, name + ".0", below, width, 3, isAffine);
            joined = unit(parameters, name + ".1", 2 * width, width, 3, isAffine);
            last = unit(parameters, name + ".2", width, width, 1, isAffine);
        }

        /** The features from below at the resolution of this level. */
        Value upsampled(Tape tape, Value below) {
            return tape.apply(up.norm(), up.convolve(tape, upsample, below));
        }

        /** The output, from two feature maps that are concatenated in this order. */
        Value decoded(Tape tape, Value first, Value second) {
            Value x = joined.convolve(tape, new Concat(), first, second);
            return tape.apply(last.norm(), last.convolve(tape, joined.norm(), x));
        }
    }

    /**
     * @param widths channels of each level of the features to decode
     * @param isAffine whether the norms have scale and shift
     */
    SkipDecoder(Parameters parameters, String name, List<Integer> widths, Upsample upsample, boolean isAffine) {
        for (int i = 0; i < widths.size() - 1; i++) {
            Level level = new Level(parameters, name + "." + i, widths.get(i + 1), widths.get(i), upsample, isAffine);
            levels.add((tape, inputs) -> level.decoded(tape, level.upsampled(tape, inputs.get(0)), inputs.get(1)));
        }
    }

    private static ReflectUnit unit(Parameters parameters, String name, int in, int out, int kernel, boolean isAffine) {
        return new ReflectUnit(parameters, name, in, out, kernel, 1, isAffine, ReflectUnit.SLOPE);
    }

    /**
     * The output of each level, from the full resolution down.
     *
     * @param features of each level, from the full resolution down; one level more
     */
    List<Value> run(Tape tape, List<Value> features) {
        List<Value> decoded = new ArrayList<>();
        Value x = features.get(levels.size());
        for (int i = levels.size() - 1; i >= 0; i--) {
            x = tape.stage(levels.get(i), x, features.get(i));
            decoded.add(0, x);
        }
        return decoded;
    }
}
