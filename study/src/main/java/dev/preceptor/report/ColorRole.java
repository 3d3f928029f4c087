package dev.preceptor.report;

import java.util.Locale;

/** The part that something drawn plays; the style sheet gives each a colour that colour-blind readers tell apart. */
public enum ColorRole {
    BASELINE,
    STUDENT,
    TEACHER,
    TRAINING,
    VALIDATION;

    /** Its class in the style sheet. */
    String style() {
        return name().toLowerCase(Locale.ROOT);
    }
}
