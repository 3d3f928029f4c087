package dev.preceptor.base;

/**
 * Something the caller can act on: the message says in one line what is wrong, with which file or subject, why, and what
 * to do. The command line prints exactly this message. Programming mistakes are {@link IllegalArgumentException}s instead.
 */
public class PreceptorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PreceptorException(String message) {
        super(message);
    }

    public PreceptorException(String message, Throwable cause) {
        super(message, cause);
    }
}
