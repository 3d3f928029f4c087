package dev.preceptor.base;

/**
 * Something the caller can act on: the message says in one line what is wrong, with which file or subject, why, and what
 * to do. The command line prints exactly this message. Programming mistakes are {@link IllegalArgumentException}s instead.
 *
 * <p>Messages quote what stands in files. Line breaks and control characters in them are written as escapes, so that a
 * message is one line whatever a file holds, and very long ones are shortened in their middle.
 */
public class PreceptorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_HEAD = 2000;
    private static final int LONGEST_TAIL = 500;

    public PreceptorException(String message) {
        super(line(message));
    }

    public PreceptorException(String message, Throwable cause) {
        super(line(message), cause);
    }

    private static String line(String message) {
        if (message == null) {
            return null;
        }
        String whole = message.strip();
        return ErrorLine.printable(
                whole.length() <= LONGEST_HEAD + LONGEST_TAIL
                        ? whole
                        : whole.substring(0, LONGEST_HEAD) + " ... " + whole.substring(whole.length() - LONGEST_TAIL));
    }
}
