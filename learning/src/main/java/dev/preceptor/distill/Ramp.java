package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import java.util.List;
import java.util.Map;

/**
 * A factor of the distillation terms that rises from near 0 to 1 over the first epochs of a phase: {@code exp(-5 (1 - t)^2)} after
 * the fraction t, from 0 to 1, of them (Laine and Aila, ICLR 2017, arXiv 1610.02242, appendix A).
 */
final class Ramp {
    private static final String KEY = "ramp";

    private final int epochs;
    private int done;

    /** @param epochs length of the ramp; 0 for a factor of 1 throughout */
    Ramp(int epochs) {
        this.epochs = epochs;
    }

    /** @throws dev.preceptor.base.InvalidRecipeException if the length is negative */
    static void requireLength(int epochs) {
        Settings.require(epochs >= 0 && epochs <= 1_000_000, "distillation.ramp", "0 or a number of epochs", epochs);
    }

    /** The factor in the running epoch, above 0 and at most 1. */
    double factor() {
        if (done >= epochs) {
            return 1;
        }
        double missing = 1 - (double) done / epochs;
        return Math.exp(-5 * missing * missing);
    }

    void endEpoch() {
        done++;
    }

    /** Adds the finished epochs to the state of a phase. */
    void save(Map<String, List<Double>> state) {
        state.put(KEY, List.of((double) done));
    }

    /** Restores what {@link #save} added; the checkpoints of versions without a ramp have nothing to restore. */
    void load(Map<String, List<Double>> state) {
        if (state.containsKey(KEY)) {
            done = state.get(KEY).get(0).intValue();
        }
    }
}
