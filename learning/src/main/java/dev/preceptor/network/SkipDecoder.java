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

    /**
     * @param widths channels of each level of the features to decode
     * @param isAffine whether the norms have scale and shift
     */
    SkipDecoder(Parameters parameters, String name, List<Integer> widths, Upsample upsample, boolean isAffine) {
        for (int i = 0; i < widths.size() - 1; i++) {
            int width = widths.get(i);
            String level = name + "." + i + ".";
            ReflectUnit up = unit(parameters, level + 0, widths.get(i + 1), width, 3, isAffine);
            ReflectUnit joined = unit(parameters, level + 1, 2 * width, width, 3, isAffine);
            ReflectUnit last = unit(parameters, level + 2, width, width, 1, isAffine);
            levels.add((tape, inputs) -> {
                Value x = tape.apply(up.norm(), up.convolve(tape, upsample, inputs.get(0)));
                Value y = joined.convolve(tape, new Concat(), x, inputs.get(1));
                return tape.apply(last.norm(), last.convolve(tape, joined.norm(), y));
            });
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
