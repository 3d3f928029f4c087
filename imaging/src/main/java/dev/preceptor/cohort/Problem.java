package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;

/**
 * A problem of a subject.
 *
 * @param subject its id
 * @param text the problem and its file, in one line
 * @param unusable whether the subject cannot be trained on and scored (an error); otherwise the problem is a warning
 */
public record Problem(String subject, String text, boolean unusable) {
    private static final String MISSING = "has no ";

    static Problem missing(String subject, Sequence sequence) {
        return new Problem(subject, MISSING + sequence + " although other subjects of the cohort do", false);
    }

    static Problem unusable(String subject, Sequence sequence, String fault) {
        return new Problem(subject, MISSING + "usable " + sequence + ": " + fault, true);
    }

    /** Whether the subject has no usable file of a sequence; this is an error only for those who need that sequence. */
    public boolean isMissingSequence() {
        return unusable && text.startsWith(MISSING);
    }

    @Override
    public String toString() {
        return (unusable ? "error: " : "warning: ") + subject + ": " + text;
    }
}
