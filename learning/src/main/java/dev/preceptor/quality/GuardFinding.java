package dev.preceptor.quality;

import java.util.Locale;

/**
 * The result of one guard for one subject.
 *
 * @param guard which
 * @param score larger is less like the training
 * @param threshold above which the guard fires
 * @param refuses whether the subject is refused if it fires and is not accepted
 * @param description what is seen, with the sequence, for example {@code T1CE looks like FLAIR}
 */
public record GuardFinding(Guard guard, double score, double threshold, boolean refuses, String description) {
    /** Whether the score exceeds the threshold. */
    public boolean fires() {
        return score > threshold;
    }

    /** How far the score is above the threshold; negative if the guard does not fire. */
    public double excess() {
        return score - threshold;
    }

    /** One line, for example {@code guard wrong-sequence: T1CE looks like FLAIR (score 0.31, threshold 0.12)}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "guard %s: %s (score %.3g, threshold %.3g)", guard.label(), description, score, threshold);
    }
}
