package dev.preceptor.network;

import dev.preceptor.network.Tape.Stage;
import dev.preceptor.network.Tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The encoder of one sequence in RFNet and Robust-MSeg: at each level three {@link ReflectUnit}s with kernel 3, the first with stride 2
 * below the full resolution; the output of the level is the sum of the first and the third.
 */
final class ReflectEncoder {
    private final List<Stage> levels = new ArrayList<>();

    /**
     * @param widths channels of each level
     * @param isAffine whether the norms have scale and shift
     */
    ReflectEncoder(Parameters parameters, String name, List<Integer> widths, boolean isAffine) {
        int in = 1;
        for (int i = 0; i < widths.size(); i++) {
            int width = widths.get(i);
            List<ReflectUnit> units = new ArrayList<>();
            for (int j = 0; j < 3; j++) {
                units.add(new ReflectUnit(
                        parameters,
                        name + "." + i + "." + j,
                        j == 0 ? in : width,
                        width,
                        3,
                        i > 0 && j == 0 ? 2 : 1,
                        isAffine,
                        ReflectUnit.SLOPE));
            }
            levels.add((tape, inputs) -> run(tape, units, inputs.get(0)));
            in = width;
        }
    }

    private static Value run(Tape tape, List<ReflectUnit> units, Value x) {
        Value first = units.get(0).convolve(tape, x);
        Value third =
                ReflectUnit.convolve(tape, units.subList(1, 3), units.get(0).norm(), first);
        ResidualSum sum =
                new ResidualSum(units.get(2).norm(), Optional.of(units.get(0).norm()), NormActivation.LINEAR);
        return tape.apply(sum, third, first);
    }

    /**
     * The features of each level, from the full resolution down.
     *
     * @param x one sequence, [B, 1, X, Y, Z]
     */
    List<Value> run(Tape tape, Value x) {
        List<Value> features = new ArrayList<>();
        Value below = x;
        for (Stage level : levels) {
            below = tape.stage(level, below);
            features.add(below);
        }
        return features;
    }
}
