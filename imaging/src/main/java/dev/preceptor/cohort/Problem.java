package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;

/**
 * Something wrong with a subject.
 *
 * @param subject its id
 * @param text what, in which file, in one line
 * @param unusable whether the subject cannot be trained on and scored; otherwise it is a warning
 */
public record Problem(String subject, String text, boolean unusable) {
    private static final String MISSING = "has no ";

    static Problem missing(String subject, Sequence sequence) {
        return new Problem(subject, MISSING + sequence + " although other subjects of the cohort do", true);
    }

    static Problem unusable(String subject, Sequence sequence, String fault) {
        return new Problem(subject, MISSING + "usable " + sequence + ": " + fault, true);
    }

    /** Whether it lacks a sequence, or has no usable file of it, which matters only to those who need it. */
    public boolean isMissingSequence() {
        return unusable && text.startsWith(MISSING);
    }

    @Override
    public String toString() {
        return (unusable ? "error: " : "warning: ") + subject + ": " + text;
    }
}
