package dev.preceptor.quality;

import java.util.Locale;

/**
 * The Dice that a region of one subject is expected to have.
 *
 * @param dice 0 to 1: the expectation of models whose training fitted one; otherwise what the probabilities promise
 * @param lower end of the interval; NaN if nothing is fitted
 * @param upper end of the interval; NaN if nothing is fitted
 * @param coverage share of subjects whose Dice the interval should contain; NaN if nothing is fitted
 * @param subjects number of validation subjects on which it rests; 0 if nothing is fitted
 * @param agreement Dice of the masks of members and mirrorings with the joint one, 0 to 1; NaN if there is only one mask
 */
public record DiceEstimate(double dice, double lower, double upper, double coverage, int subjects, double agreement) {
    /** Whether validation subjects fitted it. */
    public boolean isFitted() {
        return subjects > 0;
    }

    /** For example {@code 0.84 (0.71 to 0.95)} or {@code 0.84 (not fitted)}. */
    @Override
    public String toString() {
        return isFitted()
                ? String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", dice, lower, upper)
                : String.format(Locale.ROOT, "%.2f (not fitted)", dice);
    }
}
