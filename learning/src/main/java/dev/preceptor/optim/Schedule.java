package dev.preceptor.optim;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.preceptor.base.Choice;
import dev.preceptor.base.Settings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How the learning rate changes from epoch to epoch of a phase; the {@code schedule} block of a recipe's optimization. */
public sealed interface Schedule {
    /** The schedules by name, each with its defaults. */
    Choice<Schedule> KINDS = new Choice<Schedule>("optimization.schedule")
            .or("constant", new Constant())
            .or("poly", new Poly(0.9))
            .or("cosine", new Cosine(0, 0))
            .or("plateau", new Plateau(0.2, 50, 1e-4, 0, 0));

    /** The schedule of a block. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Schedule read(JsonNode block) {
        return KINDS.read(block);
    }

    /** The block of this schedule. */
    @JsonValue
    default ObjectNode write() {
        return KINDS.write(this);
    }

    /** A schedule that depends on the epoch alone; every network that learns follows it. */
    sealed interface Timed extends Schedule {
        /**
         * The learning rate of an epoch.
         *
         * @param start the rate that the recipe gives
         * @param epoch of the phase, from 0
         * @param epochs how many the phase has
         */
        double rate(double start, int epoch, int epochs);
    }

    /** The rate stays as it is. */
    record Constant() implements Timed {
        @Override
        public double rate(double start, int epoch, int epochs) {
            return start;
        }
    }

    /**
     * The rate falls to nothing along a power of the epochs left, as in nnU-Net (methods.md 8.3): start (1 - e/E)^power.
     *
     * @param power above 0; 1 is a straight line
     */
    record Poly(double power) implements Timed {
        public Poly {
            Settings.require(power > 0 && power <= 10, "optimization.schedule.power", "above 0 and at most 10", power);
        }

        @Override
        public double rate(double start, int epoch, int epochs) {
            return start * Math.pow(1 - (double) epoch / epochs, power);
        }
    }

    /**
     * The rate rises along a straight line over the first epochs and falls along half a cosine over the others (Loshchilov
     * and Hutter, ICLR 2017, without restarts), as PyTorch's LinearLR from start / (warmup + 1) followed by
     * CosineAnnealingLR.
     *
     * @param warmup epochs with less than the recipe's rate at the beginning
     * @param minimum the rate that the cosine would reach one epoch after the last
     */
    record Cosine(int warmup, double minimum) implements Timed {
        public Cosine {
            Settings.require(warmup >= 0, "optimization.schedule.warmup", "a number of epochs", warmup);
            Settings.require(minimum >= 0, "optimization.schedule.minimum", "at least 0", minimum);
        }

        @Override
        public double rate(double start, int epoch, int epochs) {
            if (epoch < warmup) {
                return start * (epoch + 1) / (warmup + 1);
            }
            double along = (double) (epoch - warmup) / (epochs - warmup);
            double end = Math.min(minimum, start);
            return end + (start - end) * (1 + Math.cos(Math.PI * along)) / 2;
        }
    }

    /**
     * Lowers the learning rate when the watched loss stops falling, as PyTorch's ReduceLROnPlateau in mode min with a
     * relative threshold and no cooldown. It watches the loss of the network that leads the phase, and changes the rate of
     * that network alone.
     *
     * @param factor what the rate is multiplied with, above 0, below 1
     * @param patience epochs without improvement that are tolerated
     * @param threshold relative improvement that counts
     * @param minimum the rate does not fall below this
     * @param after epochs of a phase whose losses it does not look at
     */
    record Plateau(double factor, int patience, double threshold, double minimum, int after) implements Schedule {
        public Plateau {
            Settings.require(factor > 0 && factor < 1, "optimization.schedule.factor", "between 0 and 1", factor);
            Settings.require(patience >= 0, "optimization.schedule.patience", "a number of epochs", patience);
            Settings.require(
                    threshold >= 0 && threshold < 1,
                    "optimization.schedule.threshold",
                    "at least 0 and below 1",
                    threshold);
            Settings.require(minimum >= 0, "optimization.schedule.minimum", "at least 0", minimum);
            Settings.require(after >= 0, "optimization.schedule.after", "a number of epochs", after);
        }
    }
}
