package dev.preceptor.html;

import java.util.Locale;

/** What a line or dot stands for; the style sheet gives each a colour that colour-blind readers can tell apart. */
public enum ColorRole {
    BASELINE,
    STUDENT,
    TEACHER,
    TRAINING,
    VALIDATION;

    /** The class in the style sheet. */
    public String style() {
        return name().toLowerCase(Locale.ROOT);
    }
}
