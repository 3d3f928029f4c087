package dev.preceptor.optim;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import dev.preceptor.base.NamedBlock;
import dev.preceptor.base.Settings;

/** The learning rate of each epoch of a phase; the block {@code optimization.schedule} of a recipe. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@NamedBlock("optimization.schedule")
public sealed interface Schedule permits Schedule.Timed, Schedule.Plateau {
    /** A schedule that depends only on the epoch; it sets the learning rate of every parameter group of a phase. */
    sealed interface Timed extends Schedule permits Constant, Poly, Cosine {
        /**
         * The learning rate of an epoch.
         *
         * @param start learning rate of the parameter group before the schedule
         * @param epoch epoch of the phase, from 0
         * @param epochs number of epochs of the phase
         */
        double rate(double start, int epoch, int epochs);
    }

    /** A constant learning rate. */
    @JsonTypeName("constant")
    record Constant() implements Timed {
        @Override
        public double rate(double start, int epoch, int epochs) {
            return start;
        }
    }

    /**
     * Polynomial decay to 0 as in nnU-Net (Isensee et al., Nature Methods 2021): {@code start (1 - e/E)^power} in epoch e of
     * E.
     *
     * @param power above 0 and at most 10; 1 is linear decay, 0.9 is the value of nnU-Net
     */
    @JsonTypeName("poly")
    record Poly(double power) implements Timed {
        /** The default settings. */
        public Poly() {
            this(0.9);
        }

        public Poly {
            Settings.require(power > 0 && power <= 10, "optimization.schedule.power", "above 0 and at most 10", power);
        }

        @Override
        public double rate(double start, int epoch, int epochs) {
            return start * Math.pow(1 - (double) epoch / epochs, power);
        }
    }

    /**
     * Linear warm-up followed by cosine annealing without restarts (Loshchilov and Hutter, ICLR 2017), as PyTorch's LinearLR
     * from start / (warmup + 1) followed by CosineAnnealingLR.
     *
     * @param warmup number of epochs of the warm-up, less than the epochs of a phase
     * @param minimum learning rate that the cosine reaches one epoch after the last
     */
    @JsonTypeName("cosine")
    record Cosine(int warmup, double minimum) implements Timed {
        /** The default settings. */
        public Cosine() {
            this(0, 0);
        }

        public Cosine {
            Settings.require(warmup >= 0, "optimization.schedule.warmup", "a number of epochs", warmup);
            Settings.require(minimum >= 0, "optimization.schedule.minimum", "at least 0", minimum);
        }

        @Override
        public double rate(double start, int epoch, int epochs) {
            if (epoch < warmup) {
                return start * (epoch + 1) / (warmup + 1);
            }
            double fraction = (double) (epoch - warmup) / (epochs - warmup);
            double end = Math.min(minimum, start);
            return end + (start - end) * (1 + Math.cos(Math.PI * fraction)) / 2;
        }
    }

    /**
     * Lowers the learning rate when the monitored loss stops decreasing, as PyTorch's ReduceLROnPlateau in mode min with a
     * relative threshold and no cooldown. It monitors the loss of the network that leads the phase and changes only the
     * learning rate of that network.
     *
     * @param factor factor of the learning rate, above 0 and below 1
     * @param patience number of epochs without improvement before the rate is lowered
     * @param threshold relative decrease of the loss that counts as an improvement, at least 0 and below 1
     * @param minimum lower bound of the learning rate
     * @param after number of epochs at the start of a phase whose losses are ignored
     */
    @JsonTypeName("plateau")
    record Plateau(double factor, int patience, double threshold, double minimum, int after) implements Schedule {
        /** The default settings. */
        public Plateau() {
            this(0.2, 50, 1e-4, 0, 0);
        }

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
