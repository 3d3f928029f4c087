package dev.preceptor.base;

/** A cohort, or one of its subjects, that cannot be used for the requested work. */
public final class InvalidCohortException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    /** @param message which file or subject is at fault, what is wrong and how to correct it; see {@link PreceptorException} */
    public InvalidCohortException(String message) {
        super(message);
    }

    /**
     * @param message as above
     * @param cause the error behind it
     */
    public InvalidCohortException(String message, Throwable cause) {
        super(message, cause);
    }
}
