package dev.preceptor.base;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Describes any throwable in one line for users. Stateless, thread-safe. */
public final class ErrorLine {
    private ErrorLine() {}

    /**
     * The message of a {@link PreceptorException}; the cause where a file, the memory or native code is at fault; and
     * for everything else a request to report an internal error.
     */
    public static String of(Throwable e) {
        if (e instanceof PreceptorException) {
            return printable(e.getMessage());
        }
        if (e instanceof OutOfMemoryError) {
            return "out of memory (" + printable(first(e.getMessage()))
                    + "); raise the heap of Java with JAVA_OPTS=-Xmx8g, or use a smaller patch or batch";
        }
        if (e instanceof IOException || e instanceof UncheckedIOException) {
            return "a file cannot be read or written: " + printable(Reason.of(e));
        }
        if (e instanceof StackOverflowError) {
            return "an input is nested too deeply";
        }
        if (e instanceof LinkageError) {
            return "the installation is incomplete or mixes versions; reinstall it";
        }
        if (e.getClass() == RuntimeException.class && e.getMessage() != null) {
            // JavaCPP wraps errors of native code in this class, for example exhausted memory of a GPU.
            return "the native library failed: " + printable(first(e.getMessage()));
        }
        return "an internal error of Preceptor; please report it with the stack trace";
    }

    /** The first non-blank line of a message; the lines that libraries add below it belong in a stack trace. */
    public static String first(String message) {
        return message == null
                ? "no message"
                : message.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .findFirst()
                        .orElse("");
    }

    /**
     * The text on one line that is safe to print on a terminal: line breaks, control characters and marks that change
     * the direction of writing become JSON escapes such as {@code \}{@code u001b}.
     *
     * @param text may be null, which gives {@code no message}
     */
    public static String printable(String text) {
        return printable(text, "");
    }

    /**
     * The same, except that the characters in {@code allowed} stay, for example line breaks and tabs of a longer text.
     */
    public static String printable(String text, String allowed) {
        if (text == null) {
            return "no message";
        }
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isUnsafe(c) && allowed.indexOf(c) < 0) {
                clean.append(String.format("\\u%04x", (int) c));
            } else {
                clean.append(c);
            }
        }
        return clean.toString();
    }

    private static boolean isUnsafe(char c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || c == '\u061c'
                || c == '\u200e'
                || c == '\u200f'
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069');
    }
}
