package dev.preceptor.cohort;

/**
 * Something wrong with a subject.
 *
 * @param subject its id
 * @param text what, in which file, in one line
 * @param unusable whether the subject cannot be trained on and scored; otherwise it is a warning
 */
public record Problem(String subject, String text, boolean unusable) {
    @Override
    public String toString() {
        return (unusable ? "error: " : "warning: ") + subject + ": " + text;
    }
}
