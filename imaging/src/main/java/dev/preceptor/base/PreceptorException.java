package dev.preceptor.base;

/**
 * An error that the caller can act on. The message says in one line which file or subject is at fault, what is wrong,
 * and how to correct it; the command line prints exactly this message. Programming mistakes are {@link
 * IllegalArgumentException}s instead.
 *
 * <p>Messages may quote file contents. Line breaks and control characters are therefore escaped, and messages of more
 * than 2500 characters are shortened in the middle.
 */
public class PreceptorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int MAX_HEAD = 2000;
    private static final int MAX_TAIL = 500;

    /** @param message in one line; line breaks and control characters are escaped, and the middle is cut beyond 2500 characters */
    public PreceptorException(String message) {
        super(line(message));
    }

    /**
     * @param message as above
     * @param cause the error behind it; may be null
     */
    public PreceptorException(String message, Throwable cause) {
        super(line(message), cause);
    }

    private static String line(String message) {
        if (message == null) {
            return null;
        }
        String text = message.strip();
        return ErrorLine.printable(
                text.length() <= MAX_HEAD + MAX_TAIL
                        ? text
                        : text.substring(0, MAX_HEAD) + " ... " + text.substring(text.length() - MAX_TAIL));
    }
}
