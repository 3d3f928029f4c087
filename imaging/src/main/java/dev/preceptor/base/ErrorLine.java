package dev.preceptor.base;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What went wrong, in one line for a person. Stateless. */
public final class ErrorLine {
    private ErrorLine() {}

    /**
     * The line of a throwable: the message of a {@link PreceptorException}, the cause where a file, the memory or native code
     * is at fault, and for everything else that it is a fault of the program.
     */
    public static String of(Throwable e) {
        if (e instanceof PreceptorException) {
            return printable(e.getMessage());
        }
        if (e instanceof OutOfMemoryError) {
            return "out of memory (" + printable(first(e.getMessage()))
                    + "); Java's own share is raised with JAVA_OPTS=-Xmx8g, the tensors' need falls with a smaller patch or batch";
        }
        if (e instanceof IOException || e instanceof UncheckedIOException) {
            return "a file cannot be read or written: " + printable(Reason.of(e));
        }
        if (e instanceof StackOverflowError) {
            return "an input is nested too deeply";
        }
        if (e instanceof LinkageError) {
            return "the installation is incomplete or of mixed versions; install it anew";
        }
        if (e.getClass() == RuntimeException.class && e.getMessage() != null) {
            // So native code reports what it refuses, memory of a GPU for instance.
            return "the native library fails: " + printable(first(e.getMessage()));
        }
        return "a fault of Preceptor itself; please report it with the trace";
    }

    /** The first line says it; what libraries write below it is for a trace. */
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
     * A text on one line that no terminal takes for a command: line ends, control characters and marks that turn the
     * direction of writing are spelled as JSON spells them, {@code \}{@code u001b} for instance.
     */
    public static String printable(String text) {
        return printable(text, "");
    }

    /** The same, but that the characters of {@code allowed} are left: line ends and tabs, where there are lines. */
    public static String printable(String text, String allowed) {
        if (text == null) {
            return "no message";
        }
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isCommand(c) && allowed.indexOf(c) < 0) {
                clean.append(String.format("\\u%04x", (int) c));
            } else {
                clean.append(c);
            }
        }
        return clean.toString();
    }

    private static boolean isCommand(char c) {
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
