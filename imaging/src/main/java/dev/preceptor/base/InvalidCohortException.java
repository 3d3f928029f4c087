package dev.preceptor.base;

/** A cohort, or a subject of one, that cannot serve what was asked of it. */
public final class InvalidCohortException extends PreceptorException {
    private static final long serialVersionUID = 1L;

    public InvalidCohortException(String message) {
        super(message);
    }
}
