package dev.preceptor.base;

import java.util.Locale;

/** Durations as people say them. Stateless. */
public final class DurationText {
    private DurationText() {}

    /** A duration to two digits or so: 40 s, 12 min, 1 h 40 min, 3 d 4 h. */
    public static String of(double seconds) {
        if (seconds < 90) {
            return Math.max(1, Math.round(seconds)) + " s";
        }
        long minutes = Math.round(seconds / 60);
        if (minutes < 60) {
            return minutes + " min";
        }
        long rounded = Math.round(minutes / 5.0) * 5;
        if (rounded < 48 * 60) {
            return rounded / 60 + " h" + (rounded % 60 == 0 ? "" : " " + rounded % 60 + " min");
        }
        long hours = Math.round(minutes / 60.0);
        return hours / 24 + " d" + (hours % 24 == 0 ? "" : " " + hours % 24 + " h");
    }

    /** The seconds of something short, such as a training step, without a unit: 0.031, 0.31, 3.10, 31. */
    public static String seconds(double seconds) {
        return String.format(Locale.ROOT, seconds < 0.1 ? "%.3f" : seconds < 10 ? "%.2f" : "%.0f", seconds);
    }
}
