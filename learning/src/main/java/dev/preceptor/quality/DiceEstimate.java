package dev.preceptor.quality;

import java.util.Locale;

/**
 * The Dice that a region of one subject is expected to have.
 *
 * @param dice 0 to 1: the expectation of models whose training fitted one; otherwise what the probabilities promise
 * @param lower end of the interval; NaN if nothing is fitted
 * @param upper end of the interval; NaN if nothing is fitted
 * @param coverage share of subjects whose Dice the interval should contain; NaN if nothing is fitted, and if a guard of the images fires:
 *     no share is known of subjects unlike those of the training
 * @param subjects number of validation subjects on which it rests; 0 if nothing is fitted
 * @param agreement Dice of the masks of members and mirrorings with the joint one, 0 to 1; NaN if there is only one mask
 */
public record DiceEstimate(double dice, double lower, double upper, double coverage, int subjects, double agreement) {
    /** Whether validation subjects fitted it. */
    public boolean isFitted() {
        return subjects > 0;
    }

    /** The same for a subject unlike those of the training: the interval begins at 0, and its coverage is unknown. */
    DiceEstimate withoutLowerBound() {
        return isFitted() ? new DiceEstimate(dice, 0, upper, Double.NaN, subjects, agreement) : this;
    }

    /**
     * For example {@code 0.84 (0.71 to 0.95)}, {@code 0.84 (not fitted)} or {@code 0.84 (not like the training: no lower bound)}.
     */
    @Override
    public String toString() {
        if (!isFitted()) {
            return String.format(Locale.ROOT, "%.2f (not fitted)", dice);
        }
        return Double.isNaN(coverage)
                ? String.format(Locale.ROOT, "%.2f (not like the training: no lower bound)", dice)
                : String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", dice, lower, upper);
    }
}
