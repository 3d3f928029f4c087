package dev.preceptor.base;

/** A cohort, or one of its subjects, that cannot be used for the requested work. */
public final class InvalidCohortException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    public InvalidCohortException(String message) {
        super(message);
    }

    public InvalidCohortException(String message, Throwable cause) {
        super(message, cause);
    }
}
