package dev.preceptor.base;

/** What went wrong, in one line for a person. Stateless. */
public final class ErrorLine {
    private ErrorLine() {}

    /** The line of a throwable: the message of a {@link PreceptorException}, and a sentence around every other. */
    public static String of(Throwable e) {
        if (e instanceof PreceptorException) {
            return first(e.getMessage());
        }
        if (e instanceof OutOfMemoryError) {
            return "out of memory (" + first(e.getMessage())
                    + "); Java's own share is raised with JAVA_OPTS=-Xmx8g, the tensors' need falls with a smaller patch or batch";
        }
        return "unexpected " + e.getClass().getSimpleName() + ": " + first(e.getMessage());
    }

    /** The first line of a message that is not blank, safe to print; libraries write traces below it. */
    public static String first(String message) {
        return message == null
                ? "no message"
                : PrintableText.of(message.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .findFirst()
                        .orElse(""));
    }
}
