package dev.preceptor.report;

import java.util.Locale;

/** Whether a subject has a file. Shape, word and colour say it on a page, so that none of them alone has to. */
enum FileState {
    PRESENT("\u25cf"),
    ABSENT("\u25cb"),
    FAULTY("\u2715");

    private final String sign;

    FileState(String sign) {
        this.sign = sign;
    }

    /** A single character. */
    String sign() {
        return sign;
    }

    /** The word, which is its class in the style sheet too. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
